using System.CommandLine;
using AdversarialTool;
using AdversarialTool.Depth;
using AdversarialTool.Evaluation;
using AdversarialTool.Information;
using AdversarialTool.Prediction;
using AdversarialTool.Training;
using AdversarialTool.Verification;

var command = new RootCommand("Trains image classifiers that withstand adversarial perturbations, and tells what others withstand.")
{
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    VerifyCommand.Create(),
    DepthCommand.Create(),
    PredictCommand.Create(),
    InfoCommand.Create(),
    Verb.Json,
};
return await command.Parse(args).InvokeAsync(Verb.Invocation);

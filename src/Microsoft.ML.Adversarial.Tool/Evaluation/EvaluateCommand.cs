using System.CommandLine;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.Reports;

namespace AdversarialTool.Evaluation;

/// <summary>Measures a deployed model as the field would, writes a report, and closes a gate where the model is too weak: exit code 2, for build pipelines.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A model.zip or model.onnx that this library wrote, or any ONNX classifier", DefaultValueFactory = _ => "output/model.zip" };
        var images = new Option<string?>("--images") { Description = "Test images, one folder for each class; the embedded test letters where not given" };
        var attack = new Option<string>("--attack") { Description = "pgd (50 steps), autoattack, or square (scores alone, 5000 queries)", DefaultValueFactory = _ => "autoattack" };
        var epsilon = new Option<double?>("--epsilon") { Description = "How far the attack may move a pixel, in grey levels of 0..255; 12 for the letters and 8 otherwise where not given" };
        var limit = new Option<int?>("--limit") { Description = "Images to evaluate, as evenly from the classes as they have them; all where not given" };
        var minimum = new Option<double?>("--minimum") { Description = "The least accuracy under the attack, from 0 to 1, that the lower end of its 95 % interval must reach; below it the exit code is 2" };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same numbers", DefaultValueFactory = _ => 1 };
        var searchPrecision = new Option<Precision>("--search-precision") { Description = "Numbers in which searches compute: Single or BFloat16; what is broken is decided in Single", DefaultValueFactory = _ => Precision.Single };
        var output = new Option<string>("--output") { Description = "Folder for the report; an evaluation that was stopped goes on from there", DefaultValueFactory = _ => "robustness" };

        var distributed = Ranks.Option();
        var command = new Command("evaluate", "Measures how well a deployed image classifier withstands attacks, and reports it.")
        {
            model, images, attack, epsilon, limit, minimum, seed, searchPrecision, output, distributed,
        };
        var file = new NetworkFileArguments();
        file.AddTo(command);
        return command.Doing("What was measured is kept; the same command goes on from there.", (arguments, cancellation) =>
        {
            var settings = new EvaluationSettings
            {
                Plan = new EvaluationPlan
                {
                    Model = arguments.GetValue(model)!,
                    Images = arguments.GetValue(images),
                    AttackName = arguments.GetValue(attack)!,
                    Epsilon = arguments.GetValue(epsilon) ?? (arguments.GetValue(images) is null ? 12 : 8),
                    Limit = arguments.GetValue(limit),
                    Seed = arguments.GetValue(seed),
                    SearchPrecision = arguments.GetValue(searchPrecision),
                },
                File = file.Read(arguments),
                Minimum = arguments.GetValue(minimum),
                Output = arguments.GetValue(output)!,
                IsDistributed = arguments.GetValue(distributed),
            };
            return new ModelEvaluation(settings, cancellation).Run();
        });
    }
}

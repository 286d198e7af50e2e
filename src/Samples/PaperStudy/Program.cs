using System.CommandLine;
using Microsoft.ML.Adversarial;
using Samples.PaperStudy;
using Samples.PaperStudy.Methods;
using Samples.PaperStudy.Running;
using Tooling.CommandLine;
using Tooling.Models;

// Reruns the findings of "Intriguing properties of adversarial training at scale" (Xie & Yuille 2020) at a scale of one's own.
var images = new Option<string?>("--images") { Description = "Training images, one folder for each class; the embedded letters where not given" };
var testImages = new Option<string?>("--test-images") { Description = "Test images, one folder for each class; a fifth of --images where not given" };
var output = new Option<string?>("--output") { Description = "Folder for the cells, tables and figures; 'study' where not given" };
var seeds = new Option<string?>("--seeds") { Description = "Each cell is run once with each seed: 1,2" };
var only = new Option<string?>("--only") { Description = "Cells to run, with commas between them; a * ends a beginning: adversarial,mixed-*" };
var quick = new Option<bool>("--quick") { Description = "A small scale, for a first look within minutes; other options change it" };
var limit = new Option<int?>("--limit") { Description = "Training images of each class" };
var testLimit = new Option<int?>("--test-limit") { Description = "Test images in all, evenly from the classes" };
var noFlip = new Option<bool>("--no-flip") { Description = "Do not mirror images of --images in training: for digits, text, road signs" };
var depth = new Option<int?>("--depth") { Description = "Layers of the residual network" };
var depths = new Option<string?>("--depths") { Description = "Depths to compare: 8,14,20,32" };
var width = new Option<int?>("--width") { Description = "Channels of the network's first stage" };
var epochs = new Option<int?>("--epochs") { Description = "Passes over the training images" };
var consistentEpochs = new Option<int?>("--consistent-epochs") { Description = "Of them, the last ones with running statistics in the cell 'consistent'" };
var epsilon = new Option<double?>("--epsilon") { Description = "How far the attack may move a pixel, in grey levels of 0..255; 12 for the letters and 8 otherwise where not given" };
var steps = new Option<int?>("--steps") { Description = "Steps of the attack in training" };
var attackSteps = new Option<string?>("--attack-steps") { Description = "Steps of the attacks in the evaluation: 10,50,200" };
var goal = new Option<string>("--goal") { Description = "Of all attacks: untargeted, or random-target as in the paper", DefaultValueFactory = _ => "random-target" };
var batchSize = new Option<int?>("--batch-size") { Description = "Images in one weight update" };
var learningRate = new Option<double?>("--learning-rate") { Description = "Peak of the one-cycle learning rate" };

var command = new RootCommand("Reruns the findings of 'Intriguing properties of adversarial training at scale' (Xie & Yuille 2020) on a folder of images. Finished cells are kept; the same command goes on where it was stopped.")
{
    images, testImages, output, seeds, only, quick, limit, testLimit, noFlip, depth, depths, width, epochs, consistentEpochs, epsilon, steps, attackSteps, goal, batchSize, learningRate,
};
command.SetAction((arguments, cancellation) => Task.FromResult(ExitCode.Of(
    () => new Study(Settings(arguments), cancellation).Run(), whenStopped: "Finished cells are kept; the same command goes on with the others.")));
command.Subcommands.Add(Methods());
return await command.Parse(args).InvokeAsync();

Command Methods()
{
    var minutes = new Option<double>("--minutes") { Description = "Training of each method with each seed", DefaultValueFactory = _ => 5 };
    var methods = new Option<string>("--methods") { Description = $"Some of {string.Join(",", NamedMethods.Names)}", DefaultValueFactory = _ => string.Join(",", NamedMethods.Names) };
    var methodCommand = new Command("methods", "Compares training methods that get the same images, network and time. On a machine that does nothing else; finished methods are kept.")
    {
        images, testImages, output, seeds, quick, limit, testLimit, noFlip, depth, width, epsilon, steps, batchSize, learningRate, minutes, methods,
    };
    methodCommand.SetAction((arguments, cancellation) => Task.FromResult(ExitCode.Of(
        () => new MethodStudy(
            new MethodStudySettings
            {
                Scale = Settings(arguments),
                Time = TimeSpan.FromMinutes(arguments.GetValue(minutes)),
                Methods = ListOption.Words(arguments.GetValue(methods)!, methods.Name),
            },
            cancellation).Run(),
        whenStopped: "Finished methods are kept; the same command goes on with the others.")));
    return methodCommand;
}

StudySettings Settings(ParseResult arguments)
{
    var scale = arguments.GetValue(quick) ? StudySettings.Quick : StudySettings.Default;
    var folder = arguments.GetValue(images);
    return scale with
    {
        Images = folder,
        TestImages = arguments.GetValue(testImages),
        Output = arguments.GetValue(output) ?? scale.Output,
        Seeds = Numbers(seeds) ?? scale.Seeds,
        Only = arguments.GetValue(only) is { } names ? ListOption.Words(names, only.Name) : scale.Only,
        Limit = arguments.GetValue(limit) ?? scale.Limit,
        TestLimit = arguments.GetValue(testLimit) ?? scale.TestLimit,
        MirrorsImages = folder is not null && !arguments.GetValue(noFlip),
        Depth = arguments.GetValue(depth) ?? scale.Depth,
        Depths = Numbers(depths) ?? scale.Depths,
        Width = arguments.GetValue(width) ?? scale.Width,
        Epochs = arguments.GetValue(epochs) ?? scale.Epochs,
        ConsistentEpochs = arguments.GetValue(consistentEpochs) ?? scale.ConsistentEpochs,
        Epsilon = arguments.GetValue(epsilon) ?? (folder is null ? 12 : 8),
        Steps = arguments.GetValue(steps) ?? scale.Steps,
        AttackSteps = Numbers(attackSteps) ?? scale.AttackSteps,
        Goal = Goal(arguments.GetValue(goal)!),
        BatchSize = arguments.GetValue(batchSize) ?? scale.BatchSize,
        LearningRate = arguments.GetValue(learningRate) ?? scale.LearningRate,
    };

    IReadOnlyList<int>? Numbers(Option<string?> option) => arguments.GetValue(option) is { } text ? ListOption.Numbers(text, option.Name) : null;
}

static AttackGoal Goal(string name) => name switch
{
    "untargeted" => AttackGoal.Untargeted,
    "random-target" => AttackGoal.RandomTarget,
    _ => throw new ArgumentException($"--goal is '{name}'; expected untargeted or random-target."),
};

using System.CommandLine;
using Tooling.CommandLine;

namespace AdversarialTool.Depth;

/// <summary>How deep is deep enough? Trains networks of several depths within a time, ranks them by robust accuracy and shows what depth costs.</summary>
internal static class DepthCommand
{
    public static Command Create()
    {
        var images = new Option<string?>("--images") { Description = "Images, one folder for each class; the embedded letters where not given" };
        var testImages = new Option<string?>("--test-images") { Description = "Images to measure the best network on; a fifth of --images where not given" };
        var limit = new Option<int?>("--limit") { Description = "Training and validation images of each class; 100 letters, and all of --images, where not given" };
        var noFlip = new Option<bool>("--no-flip") { Description = "Do not mirror images of --images in training: for digits, text, road signs" };
        var minutes = new Option<double>("--minutes") { Description = "When to end", DefaultValueFactory = _ => 6 };
        var depths = new Option<string>("--depths") { Description = "Depths to compare", DefaultValueFactory = _ => "8,14,20" };
        var width = new Option<int>("--width") { Description = "Channels of the networks' first stage", DefaultValueFactory = _ => 8 };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the training images", DefaultValueFactory = _ => 16 };
        var batchSize = new Option<int>("--batch-size") { Description = "Images in one weight update", DefaultValueFactory = _ => 16 };
        var halvings = new Option<int>("--halvings") { Description = "How often the weaker half is left where it stands", DefaultValueFactory = _ => 1 };
        var maximumLatency = new Option<double?>("--maximum-latency") { Description = "Milliseconds that scoring one image may take" };
        var epsilon = new Option<double?>("--epsilon") { Description = "How far the attack may move a pixel, in grey levels of 0..255; 12 for the letters and 8 otherwise where not given" };
        var steps = new Option<int>("--steps") { Description = "Steps of the attack in training", DefaultValueFactory = _ => 3 };
        var evaluationSteps = new Option<int>("--eval-steps") { Description = "Steps of the attack that the best network meets on the test images", DefaultValueFactory = _ => 50 };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same networks", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--output") { Description = "Folder for the model, the report and the figure; the same command goes on with what a killed one left there", DefaultValueFactory = _ => "depth" };
        var distributed = Ranks.Option();

        var command = new Command("depth", "Finds the depth that is worth its cost for images that an adversary may perturb.")
        {
            images, testImages, limit, noFlip, minutes, depths, width, epochs, batchSize, halvings, maximumLatency, epsilon, steps, evaluationSteps, seed, output, distributed,
        };
        return command.Doing("The same command goes on from the last checkpoint.", (arguments, cancellation) => new Search(
            new SearchSettings
            {
                Images = arguments.GetValue(images),
                TestImages = arguments.GetValue(testImages),
                Limit = arguments.GetValue(limit) ?? (arguments.GetValue(images) is null ? 100 : null),
                MirrorsImages = arguments.GetValue(images) is not null && !arguments.GetValue(noFlip),
                Minutes = arguments.GetValue(minutes),
                Depths = ListOption.Numbers(arguments.GetValue(depths)!, depths.Name),
                Width = arguments.GetValue(width),
                Epochs = arguments.GetValue(epochs),
                BatchSize = arguments.GetValue(batchSize),
                Halvings = arguments.GetValue(halvings),
                MaximumLatency = arguments.GetValue(maximumLatency) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
                Epsilon = arguments.GetValue(epsilon) ?? (arguments.GetValue(images) is null ? 12 : 8),
                Steps = arguments.GetValue(steps),
                EvaluationSteps = arguments.GetValue(evaluationSteps),
                Seed = arguments.GetValue(seed),
                Output = arguments.GetValue(output)!,
                IsDistributed = arguments.GetValue(distributed),
            },
            cancellation).Run());
    }
}

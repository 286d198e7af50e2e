using System.CommandLine;
using Microsoft.ML.Adversarial;
using Samples.TrainRobustClassifier;
using Tooling.CommandLine;

var quick = ImageClassificationRecipes.Quick;
var quickAttack = (PgdAttack)quick.Method.Attack!;
var quickNetwork = (ResNet)quick.Backbone;

// Trains the same network twice, on attacked images and plainly, and compares what an attack leaves of both.
var images = new Option<string?>("--images") { Description = "Training images, one folder for each class; the embedded letters where not given" };
var testImages = new Option<string?>("--test-images") { Description = "Test images, one folder for each class; a fifth of --images where not given" };
var limit = new Option<int?>("--limit") { Description = "Training images of each class; all where not given" };
var noFlip = new Option<bool>("--no-flip") { Description = "Do not mirror images of --images in training: for digits, text, road signs" };
var depth = new Option<int>("--depth") { Description = "Layers of the residual network", DefaultValueFactory = _ => quickNetwork.Depth };
var width = new Option<int>("--width") { Description = "Channels of its first stage", DefaultValueFactory = _ => quickNetwork.Width!.Value };
var epochs = new Option<int>("--epochs") { Description = "Passes over the training images", DefaultValueFactory = _ => quick.Epochs };
var batchSize = new Option<int>("--batch-size") { Description = "Images in one weight update", DefaultValueFactory = _ => quick.BatchSize };
var learningRate = new Option<double>("--learning-rate") { Description = "Peak of the one-cycle learning rate", DefaultValueFactory = _ => quick.LearningRate };
var epsilon = new Option<double?>("--epsilon") { Description = "How far the attack may move a pixel, in grey levels of 0..255; 12 for the letters and 8 otherwise where not given" };
var steps = new Option<int>("--steps") { Description = "Steps of the attack in training", DefaultValueFactory = _ => quickAttack.Steps };
var evaluationSteps = new Option<int>("--eval-steps") { Description = "Steps of the attack in the comparison", DefaultValueFactory = _ => 50 };
var seed = new Option<int>("--seed") { Description = "The same seed gives the same models", DefaultValueFactory = _ => 1 };
var craftingPrecision = new Option<Precision>("--crafting-precision") { Description = "Numbers in which attacks in training compute: Single, BFloat16, or Automatic, which tries both", DefaultValueFactory = _ => Precision.Single };
var checkpointMinutes = new Option<double>("--checkpoint-minutes") { Description = "Time between checkpoints within an epoch; the same command goes on from the newest", DefaultValueFactory = _ => 10 };
var output = new Option<string>("--output") { Description = "Folder for the models, the report and the picture", DefaultValueFactory = _ => "output" };

var command = new RootCommand("Trains an image classifier that withstands adversarial perturbations, and the same network plainly for comparison.")
{
    images, testImages, limit, noFlip, depth, width, epochs, batchSize, learningRate, epsilon, steps, evaluationSteps, seed, craftingPrecision, checkpointMinutes, output,
};
command.SetAction((arguments, cancellation) =>
{
    var settings = new SampleSettings
    {
        Images = arguments.GetValue(images),
        TestImages = arguments.GetValue(testImages),
        Limit = arguments.GetValue(limit),
        MirrorsImages = arguments.GetValue(images) is not null && !arguments.GetValue(noFlip),
        Depth = arguments.GetValue(depth),
        Width = arguments.GetValue(width),
        Epochs = arguments.GetValue(epochs),
        BatchSize = arguments.GetValue(batchSize),
        LearningRate = arguments.GetValue(learningRate),
        Epsilon = arguments.GetValue(epsilon) ?? (arguments.GetValue(images) is null ? 12 : 8),
        Steps = arguments.GetValue(steps),
        EvaluationSteps = arguments.GetValue(evaluationSteps),
        Seed = arguments.GetValue(seed),
        CraftingPrecision = arguments.GetValue(craftingPrecision),
        CheckpointInterval = TimeSpan.FromMinutes(arguments.GetValue(checkpointMinutes)),
        Output = arguments.GetValue(output)!,
    };
    return Task.FromResult(ExitCode.Of(() => new Comparison(settings, cancellation).Run(), whenStopped: "No model was written; the same command goes on from the last checkpoint."));
});
return await command.Parse(args).InvokeAsync();

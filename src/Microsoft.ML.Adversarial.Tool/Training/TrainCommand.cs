using System.CommandLine;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.Models;

namespace AdversarialTool.Training;

/// <summary>Trains a classifier on attacked images, measures what it withstands, and writes it as applications load it.</summary>
internal static class TrainCommand
{
    private const int BackboneEpochs = 3, BackboneBatchSize = 100;

    private const double BackboneLearningRate = 0.02;

    public static Command Create()
    {
        var quick = ImageClassificationRecipes.Quick;
        var images = new Option<string?>("--images") { Description = "Training images, one folder for each class; the embedded letters where not given" };
        var testImages = new Option<string?>("--test-images") { Description = "Test images, one folder for each class; a fifth of --images where not given" };
        var limit = new Option<int?>("--limit") { Description = "Training images of each class; all where not given" };
        var testLimit = new Option<int?>("--test-limit") { Description = "Test images in all, as evenly from the classes as they have them; all where not given" };
        var noFlip = new Option<bool>("--no-flip") { Description = "Do not mirror images of --images in training: for digits, text, road signs" };
        var backbone = new Option<string?>("--backbone") { Description = "An ONNX network to start from; where not given, a residual network starts anew" };
        var depth = new Option<int?>("--depth") { Description = $"Layers of the residual network; {((ResNet)quick.Backbone).Depth} where not given" };
        var width = new Option<int?>("--width") { Description = $"Channels of its first stage; {((ResNet)quick.Backbone).Width} where not given" };
        var epochs = new Option<int?>("--epochs") { Description = $"Passes over the training images; {quick.Epochs}, and {BackboneEpochs} with --backbone, where not given" };
        var batchSize = new Option<int?>("--batch-size") { Description = $"Images in one weight update; {quick.BatchSize}, and {BackboneBatchSize} with --backbone, where not given" };
        var learningRate = new Option<double?>("--learning-rate") { Description = FormattableString.Invariant($"Peak of the one-cycle learning rate; {quick.LearningRate}, and {BackboneLearningRate} with --backbone, where not given") };
        var method = new Option<string>("--method") { Description = $"How to train: {string.Join(", ", NamedMethods.Names)}", DefaultValueFactory = _ => NamedMethods.Default };
        var epsilon = new Option<double?>("--epsilon") { Description = "How far the attack may move a pixel, in grey levels of 0..255; 12 for the letters and 8 otherwise where not given" };
        var steps = new Option<int>("--steps") { Description = "Steps of the attack in training; with --method free, updates with each batch", DefaultValueFactory = _ => ((PgdAttack)quick.Method.Attack!).Steps };
        var evaluationSteps = new Option<int>("--eval-steps") { Description = "Steps of the attack on the test images", DefaultValueFactory = _ => 50 };
        var mixture = new Option<bool>("--mixture") { Description = "Train on every image clean as well, with a normalisation for each domain; both are measured and exported" };
        var consistentEpochs = new Option<int?>("--consistent-epochs") { Description = "The last epochs that normalise with running statistics; none, and all with --backbone, where not given" };
        var craftingPrecision = new Option<Precision>("--crafting-precision") { Description = "Numbers in which attacks in training compute: Single, BFloat16, or Automatic, which tries both", DefaultValueFactory = _ => Precision.Single };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same model", DefaultValueFactory = _ => 1 };
        var checkpointMinutes = new Option<double>("--checkpoint-minutes") { Description = "Time between checkpoints within an epoch; the same command goes on from the newest", DefaultValueFactory = _ => 10 };
        var output = new Option<string>("--output") { Description = "Folder for the models and the report", DefaultValueFactory = _ => "output" };

        var distributed = Ranks.Option();
        var command = new Command("train", "Trains an image classifier that withstands adversarial perturbations.")
        {
            images, testImages, limit, testLimit, noFlip, backbone, depth, width, epochs, batchSize, learningRate, method, epsilon, steps, evaluationSteps, mixture, consistentEpochs, craftingPrecision, seed,
            checkpointMinutes, output, distributed,
        };
        var file = new NetworkFileArguments();
        file.AddTo(command, isClassifier: false);
        return command.Doing("What was trained is kept; the same command goes on from there.", (arguments, cancellation) =>
        {
            var isNew = arguments.GetValue(backbone) is null;
            var settings = new TrainSettings
            {
                Images = arguments.GetValue(images),
                TestImages = arguments.GetValue(testImages),
                Limit = arguments.GetValue(limit),
                TestLimit = arguments.GetValue(testLimit),
                MirrorsImages = arguments.GetValue(images) is not null && !arguments.GetValue(noFlip),
                Backbone = arguments.GetValue(backbone),
                File = file.Read(arguments),
                Depth = arguments.GetValue(depth),
                Width = arguments.GetValue(width),
                Epochs = arguments.GetValue(epochs) ?? (isNew ? quick.Epochs : BackboneEpochs),
                ConsistentEpochs = arguments.GetValue(consistentEpochs),
                BatchSize = arguments.GetValue(batchSize) ?? (isNew ? quick.BatchSize : BackboneBatchSize),
                LearningRate = arguments.GetValue(learningRate) ?? (isNew ? quick.LearningRate : BackboneLearningRate),
                Method = arguments.GetValue(method)!,
                Epsilon = arguments.GetValue(epsilon) ?? (arguments.GetValue(images) is null ? 12 : 8),
                Steps = arguments.GetValue(steps),
                EvaluationSteps = arguments.GetValue(evaluationSteps),
                IsMixture = arguments.GetValue(mixture),
                CraftingPrecision = arguments.GetValue(craftingPrecision),
                Seed = arguments.GetValue(seed),
                CheckpointInterval = TimeSpan.FromMinutes(arguments.GetValue(checkpointMinutes)),
                Output = arguments.GetValue(output)!,
                IsDistributed = arguments.GetValue(distributed),
            };
            return new ModelTraining(settings, cancellation).Run();
        });
    }
}

using System.CommandLine;
using Samples.FineTuneRobustly;
using Tooling.CommandLine;

// Takes a classifier, or features, from an ONNX file and trains it on attacked images, so that it withstands attacks that broke it before.
var model = new Option<string?>("--model") { Description = "Any ONNX network; ResNet-18 of Microsoft.ML.DnnImageFeaturizer.ResNet18, at 224 pixels, where not given" };
var images = new Option<string?>("--images") { Description = "Training images, one folder for each class; the embedded letters where not given" };
var testImages = new Option<string?>("--test-images") { Description = "Test images, one folder for each class; a fifth of --images where not given" };
var limit = new Option<int?>("--limit") { Description = "Training images of each class; all where not given" };
var testLimit = new Option<int?>("--test-limit") { Description = "Test images in all, as evenly from the classes as they have them; all where not given" };
var epochs = new Option<int>("--epochs") { Description = "Passes over the training images", DefaultValueFactory = _ => 3 };
var batchSize = new Option<int>("--batch-size") { Description = "Images in one weight update", DefaultValueFactory = _ => 100 };
var learningRate = new Option<double>("--learning-rate") { Description = "Peak of the one-cycle learning rate", DefaultValueFactory = _ => 0.02 };
var epsilon = new Option<double>("--epsilon") { Description = "How far the attack may move a pixel, in grey levels of 0..255", DefaultValueFactory = _ => 8 };
var steps = new Option<int>("--steps") { Description = "Steps of the attack in training", DefaultValueFactory = _ => 5 };
var evaluationSteps = new Option<int>("--eval-steps") { Description = "Steps of the attack before and after", DefaultValueFactory = _ => 20 };
var mixture = new Option<bool>("--mixture") { Description = "Train on every image clean as well, with a normalisation for each domain; both are exported" };
var consistentEpochs = new Option<int?>("--consistent-epochs") { Description = "The last epochs that normalise with running statistics; all where not given, 0 for a file whose own are far from attacked images" };
var noFlip = new Option<bool>("--no-flip") { Description = "Do not mirror images of --images in training: for digits, text, road signs" };
var craftingPrecision = new Option<Microsoft.ML.Adversarial.Precision>("--crafting-precision") { Description = "Numbers in which attacks in training compute: Single, BFloat16, or Automatic, which tries both", DefaultValueFactory = _ => Microsoft.ML.Adversarial.Precision.Single };
var seed = new Option<int>("--seed") { Description = "The same seed gives the same model", DefaultValueFactory = _ => 1 };
var output = new Option<string>("--output") { Description = "Folder for the models", DefaultValueFactory = _ => "output" };

var command = new RootCommand("Makes a network of an ONNX file withstand adversarial perturbations.")
{
    model, images, testImages, limit, testLimit, epochs, batchSize, learningRate, epsilon, steps, evaluationSteps, mixture, consistentEpochs, noFlip, craftingPrecision, seed, output,
};
var file = new NetworkFileArguments();
file.AddTo(command);
command.SetAction((arguments, cancellation) => Task.FromResult(ExitCode.Of(
    () => new FineTuning(
        new FineTuningSettings
        {
            Model = arguments.GetValue(model),
            File = file.Read(arguments),
            Images = arguments.GetValue(images),
            TestImages = arguments.GetValue(testImages),
            Limit = arguments.GetValue(limit),
            TestLimit = arguments.GetValue(testLimit),
            Epochs = arguments.GetValue(epochs),
            BatchSize = arguments.GetValue(batchSize),
            LearningRate = arguments.GetValue(learningRate),
            Epsilon = arguments.GetValue(epsilon),
            Steps = arguments.GetValue(steps),
            EvaluationSteps = arguments.GetValue(evaluationSteps),
            IsMixture = arguments.GetValue(mixture),
            ConsistentEpochs = arguments.GetValue(consistentEpochs),
            MirrorsImages = arguments.GetValue(images) is not null && !arguments.GetValue(noFlip),
            CraftingPrecision = arguments.GetValue(craftingPrecision),
            Seed = arguments.GetValue(seed),
            Output = arguments.GetValue(output)!,
        },
        cancellation).Run(),
    whenStopped: "No model was written; the same command goes on from the last checkpoint.")));
return await command.Parse(args).InvokeAsync();

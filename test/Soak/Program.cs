using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using Tooling.ImageData;
using TorchSharp;

// The arguments: what to do, how often, and a folder to write into. Each round is followed by a line that says what the process then holds.
var (work, rounds, folder) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture), args[2]);
// The tensors are too small to share.
torch.set_num_threads(1);
var ml = new MLContext(seed: 1);
var attack = new PgdAttack(Budget.LInf(8)) { Steps = 2 };
var (training, _) = EmbeddedLetters.UnpackTo(Path.Combine(folder, "letters"));
var letters = ImageFolder.Read(training, limitPerClass: 4, seed: 1);
var view = letters.AsView(ml);
// All that writes, averages, measures and goes on.
var options = new ImageClassificationOptions
{
    Backbone = new ResNet(8) { Width = 4 },
    Epochs = 1,
    BatchSize = 16,
    Method = new AdversarialTraining(attack) { CleanRatio = 0.5 },
    Normalization = Normalization.MixtureBatch,
    Augmentation = new Augmentation { CropPadding = 2 },
    Selection = new ModelSelection(attack),
    ValidationFraction = 0.25,
    Averaging = WeightAveraging.Exponential(),
    Checkpoints = new CheckpointOptions(Path.Combine(folder, "checkpoints")),
    EventDirectory = Path.Combine(folder, "events"),
};
switch (work)
{
    case "fit":
        Repeat(() => Dispose(Fit(options)));
        break;
    case "evaluate":
        var fitted = Fit(options);
        var budget = Budget.LInf(1);
        Attack[] everyKind = [new PgdAttack(budget) { Steps = 2, Restarts = 2 }, new ApgdAttack(budget) { Steps = 4 }, new FabAttack(budget) { Steps = 2 }, new SquareAttack(budget) { Queries = 10 }];
        Repeat(() => ml.Adversarial().EvaluateRobustness(fitted, view, new AttackEnsemble("every kind", budget, everyKind)));
        break;
    case "select a depth":
        var settings = new DepthExperimentSettings { Depths = [8, 14], Training = options with { Epochs = 2, Checkpoints = null } };
        Repeat(() => ml.Adversarial().CreateDepthExperiment(settings).Execute(view, view, ImagePreparation.Create(ml, letters)).Dispose());
        break;
    case "train epochs":
        Dispose(Fit(options with { Epochs = rounds, MetricsCallback = metrics => { if (metrics.Batch == metrics.Batches) Held.Print(); } }));
        break;
    default:
        throw new ArgumentException($"'{work}' is nothing that this program does.");
}

void Repeat(Action action)
{
    for (var round = 0; round < rounds; round++)
    {
        action();
        Held.Print();
    }
}

TransformerChain<ImageClassificationTransformer> Fit(ImageClassificationOptions options) =>
    ImagePreparation.Create(ml, letters).Append(ml.Adversarial().Trainers.ImageClassification(options)).Fit(view);

static void Dispose(TransformerChain<ImageClassificationTransformer> model) => model.LastTransformer.Dispose();

using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.ImageData;
using Tooling.Models;

namespace Samples.RobustnessExplorer.Models;

/// <summary>The two letter networks: a small one trained plainly, and the same trained further on attacked images; once, and kept in the cache.</summary>
/// <param name="settings">Where the cache is, and how many images are trained on.</param>
/// <param name="progress">Hears of every batch.</param>
/// <param name="cancellation">Stops a training; it goes on from its last checkpoint when the program starts again.</param>
public sealed class LetterModels(ExplorerSettings settings, Action<string, TrainingMetrics> progress, CancellationToken cancellation)
{
    /// <summary>The same seed gives the same models on the same machine.</summary>
    private const int Seed = 1;

    private const string Robust = "robust", Plain = "plain";

    private static readonly ImageClassificationOptions Recipe = ImageClassificationRecipes.Quick with { Seed = Seed };

    private readonly OutputFolder output = new(settings.Cache);

    /// <returns>The files of the robust and of the plain model.</returns>
    public (string Robust, string Plain) FindOrTrain()
    {
        if (!File.Exists(FileOf(Robust)) || !File.Exists(FileOf(Plain)))
        {
            var (training, _) = TrainingAndTestImages.Read(images: null, testImages: null, settings.TrainingImages, Seed, Path.Combine(output.Path, "letters"));
            FindOrTrain(Plain, Recipe with { Method = new PlainTraining(), BatchSize = 16 }, training);
            // From random weights, attacks of the whole budget teach few images nothing for many epochs; a network that knows the letters learns at once.
            FindOrTrain(Robust, Recipe with { InitialWeights = WeightsOf(Plain), Epochs = 8, BatchSize = 16, LearningRate = 0.05 }, training);
        }
        return (FileOf(Robust), FileOf(Plain));
    }

    private void FindOrTrain(string name, ImageClassificationOptions options, ImageSet training)
    {
        if (File.Exists(FileOf(name)))
            return;
        var checkpoints = Path.Combine(output.Path, "checkpoints", name);
        var fitted = ClassifierPipeline.Fit(new MLContext(Seed), training, options with
        {
            Checkpoints = new CheckpointOptions(checkpoints) { Keep = 1 },
            ResumeFrom = checkpoints,
            MetricsCallback = metrics => progress(name, metrics),
            CancellationToken = cancellation,
        });
        using var model = fitted.OfType<ImageClassificationTransformer>().Single();
        output.Write($"{name}.safetensors", path => model.SaveWeights(path));
        output.Write($"{name}.onnx", model.ExportOnnx);
        Directory.Delete(checkpoints, recursive: true);
    }

    private string FileOf(string name) => Path.Combine(output.Path, $"{name}.onnx");

    private string WeightsOf(string name) => Path.Combine(output.Path, $"{name}.safetensors");
}

using Tooling.ImageData;
using Tooling.Models;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>Two small networks of the letters, trained for seconds, on few images, as the explorer trains its own: plainly, and from there on attacked images.</summary>
public sealed class ExplorerModels : IDisposable
{
    private static readonly ImageClassificationOptions Recipe = ImageClassificationRecipes.Quick with { Epochs = 16, BatchSize = 16, Seed = 1 };

    public ExplorerModels()
    {
        Folder = Directory.CreateTempSubdirectory("explorer-models-").FullName;
        var (training, test) = TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 60, seed: 1, Letters);
        TestImage = test.Images[0];
        Train("plain", Recipe with { Method = new PlainTraining() }, training);
        Train("robust", Recipe with { Epochs = 8, LearningRate = 0.05, InitialWeights = WeightsOf("plain") }, training);
    }

    public string Folder { get; }

    public string Robust => Path.Combine(Folder, "robust.onnx");

    public string Plain => Path.Combine(Folder, "plain.onnx");

    /// <summary>The plain one as a pipeline.</summary>
    public string Zip => Path.Combine(Folder, "plain.zip");

    public string Letters => Path.Combine(Folder, "letters");

    public LabeledImage TestImage { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string WeightsOf(string name) => Path.Combine(Folder, $"{name}.safetensors");

    private void Train(string name, ImageClassificationOptions options, ImageSet training)
    {
        var ml = new MLContext(seed: 1);
        var fitted = ClassifierPipeline.Fit(ml, training, options);
        using var model = fitted.OfType<ImageClassificationTransformer>().Single();
        model.SaveWeights(WeightsOf(name));
        model.ExportOnnx(Path.Combine(Folder, $"{name}.onnx"));
        ml.Model.Save(fitted, training.AsView(ml).Schema, Path.Combine(Folder, $"{name}.zip"));
    }
}

using Tooling.ImageData;

[assembly: AssemblyFixture(typeof(Microsoft.ML.Adversarial.PublicApi.Tests.DeployedLetters))]

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>A small, plainly trained model of the letters as an application gets it: model.zip and model.onnx. All tests share it, and each writes beside it under a name of its own.</summary>
public sealed class DeployedLetters : IDisposable
{
    public DeployedLetters()
    {
        Folder = Directory.CreateTempSubdirectory("deployed-letters-").FullName;
        var ml = new MLContext(seed: 1);
        var (training, _) = TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 60, seed: 1, Path.Combine(Folder, "letters"));
        using var model = ImagePreparation.Create(ml, training)
            .Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
            {
                Backbone = new ResNet(8) { Width = 8 },
                Epochs = 16,
                BatchSize = 16,
                Method = new PlainTraining(),
                CacheImages = true,
                PixelLayout = PixelLayout.Planar,
            })).Fit(training.AsView(ml));
        ml.Model.Save(model, training.AsView(ml).Schema, Zip);
        model.LastTransformer.ExportOnnx(Onnx);
        model.LastTransformer.SaveWeights(Weights);
    }

    public string Folder { get; }

    public string Zip => Path.Combine(Folder, "model.zip");

    public string Onnx => Path.Combine(Folder, "model.onnx");

    public string Weights => Path.Combine(Folder, "weights.safetensors");

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

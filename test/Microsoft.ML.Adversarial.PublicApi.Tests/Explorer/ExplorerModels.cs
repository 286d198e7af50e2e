using Tooling.ImageData;
using Tooling.Models;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>Two small networks of the letters that have hardly been trained: what a service does with models is the same with bad ones.</summary>
public sealed class ExplorerModels : IDisposable
{
    public ExplorerModels()
    {
        Folder = Directory.CreateTempSubdirectory("explorer-models-").FullName;
        var (training, test) = TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 6, seed: 1, Letters);
        TestImage = test.Images[0];
        Train("robust", new AdversarialTraining(new PgdAttack(Budget.LInf(12)) { Steps = 1 }), training);
        Train("plain", new PlainTraining(), training);
    }

    public string Folder { get; }

    public string Robust => Path.Combine(Folder, "robust.onnx");

    public string Plain => Path.Combine(Folder, "plain.onnx");

    /// <summary>The plain one as a pipeline.</summary>
    public string Zip => Path.Combine(Folder, "plain.zip");

    public string Letters => Path.Combine(Folder, "letters");

    public LabeledImage TestImage { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void Train(string name, TrainingMethod method, ImageSet training)
    {
        var ml = new MLContext(seed: 1);
        var fitted = ClassifierPipeline.Fit(ml, training, ImageClassificationRecipes.Quick with
        {
            Backbone = new ResNet(8) { Width = 4 },
            Method = method,
            Epochs = 1,
            BatchSize = 10,
        });
        using var model = fitted.OfType<ImageClassificationTransformer>().Single();
        model.ExportOnnx(Path.Combine(Folder, $"{name}.onnx"));
        ml.Model.Save(fitted, training.AsView(ml).Schema, Path.Combine(Folder, $"{name}.zip"));
    }
}

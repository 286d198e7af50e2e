using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;

// Trains on a folder of images, one folder for each class, saves the model, loads it as any ML.NET application does, and says what it makes of each image.
var (images, file) = (args[0], args[1]);
var ml = new MLContext(seed: 1);
var view = ml.Data.LoadFromEnumerable(Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
    .Select(path => new Row { Path = path, Label = Path.GetFileName(Path.GetDirectoryName(path))! }).ToList());
var model = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.LoadImages("Image", "", "Path"))
    .Append(ml.Transforms.ResizeImages("Image", 32, 32))
    .Append(ml.Transforms.ExtractPixels("Features", "Image"))
    .Append(ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
    {
        Backbone = new ResNet(8),
        Epochs = 2,
        BatchSize = 10,
        LearningRate = 0.02,
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 2 }),
    }))
    .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"))
    .Fit(view);
ml.Model.Save(model, view.Schema, file);

var scored = ml.Model.Load(file, out _).Transform(view);
foreach (var (predicted, score) in scored.GetColumn<string>("PredictedClass").Zip(scored.GetColumn<float[]>("Score")))
    Console.WriteLine($"{predicted} {score.Max()}");

internal sealed class Row
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";
}

using Microsoft.ML;
using Microsoft.ML.Data;

// Loads a model and says what it makes of each image of a folder.
var (images, file) = (args[0], args[1]);
var ml = new MLContext();
var view = ml.Data.LoadFromEnumerable(Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
    .Select(path => new Row { Path = path }).ToList());
var scored = ml.Model.Load(file, out _).Transform(view);
foreach (var (predicted, score) in scored.GetColumn<string>("PredictedClass").Zip(scored.GetColumn<float[]>("Score")))
    Console.WriteLine($"{predicted} {score.Max()}");

internal sealed class Row
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";
}

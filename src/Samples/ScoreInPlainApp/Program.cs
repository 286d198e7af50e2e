using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Samples.ScoreInPlainApp;

// Loads model.zip with plain ML.NET and classifies image files. A folder stands for all images in it and below; where the folders the images lie in bear
// the names of classes, the predictions are also evaluated.
try
{
    var arguments = Arguments.Parse(args);
    var images = ImageFile.Find(arguments.Paths).ToList();
    var ml = new MLContext();
    var model = ml.Model.Load(arguments.Model, out _);
    var scored = model.Transform(ml.Data.LoadFromEnumerable(images));
    var predictions = ml.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false).ToList();

    var slotNames = default(VBuffer<ReadOnlyMemory<char>>);
    scored.Schema["Score"].GetSlotNames(ref slotNames);
    string[] classes = [.. slotNames.DenseValues().Select(name => name.ToString())];
    foreach (var prediction in predictions.Take(20))
        Console.WriteLine($"{prediction.PredictedClass,-12} {prediction.Score.Max():p1}  {prediction.Path}");
    if (predictions.Count > 20)
        Console.WriteLine($"... and {predictions.Count - 20} more");

    if (arguments.Csv is { } csv)
        File.WriteAllLines(csv, predictions.Select(Line).Prepend(Cells(["path", "predicted", .. classes])));

    if (predictions.All(prediction => classes.Contains(prediction.Folder)))
    {
        var metrics = ml.MulticlassClassification.Evaluate(scored);
        Console.WriteLine($"accuracy {metrics.MicroAccuracy:p2} of {predictions.Count} images, log-loss {metrics.LogLoss:f4}");
    }
    return 0;
}
catch (Exception exception)
{
    // ML.NET scores on threads of its own and wraps what they meet.
    Console.Error.WriteLine($"Error: {exception.GetBaseException().Message}");
    return 1;
}

static string Line(Prediction prediction) =>
    Cells([prediction.Path, prediction.PredictedClass, .. prediction.Score.Select(score => score.ToString("r", CultureInfo.InvariantCulture))]);

static string Cells(IEnumerable<string> cells) =>
    string.Join(",", cells.Select(cell => cell.AsSpan().ContainsAny(",\"\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell));

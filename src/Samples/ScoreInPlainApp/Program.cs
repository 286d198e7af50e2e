using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Samples.ScoreInPlainApp;

// Loads model.zip with plain ML.NET and classifies image files. A folder stands for all images in it and below; where the folder an image lies in bears
// the name of a class, the predictions are also evaluated.
if (args.Length < 2)
{
    Console.Error.WriteLine("Usage: ScoreInPlainApp MODEL.ZIP IMAGE-OR-FOLDER... [--csv FILE]");
    return 1;
}

try
{
    var option = Array.IndexOf(args, "--csv");
    var csv = option >= 0 ? args.ElementAtOrDefault(option + 1) ?? throw new ArgumentException("--csv is given without a file name.") : null;
    var paths = option >= 0 ? args[1..option] : args[1..];
    var ml = new MLContext();
    var model = ml.Model.Load(args[0], out _);
    var images = ml.Data.LoadFromEnumerable(ImageFile.Find(paths));
    var scored = model.Transform(images);
    var predictions = ml.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false).ToList();

    var slotNames = default(VBuffer<ReadOnlyMemory<char>>);
    scored.Schema["Score"].GetSlotNames(ref slotNames);
    foreach (var prediction in predictions.Take(20))
        Console.WriteLine($"{prediction.PredictedClass,-12} {prediction.Score.Max():p1}  {prediction.Path}");
    if (predictions.Count > 20)
        Console.WriteLine($"... and {predictions.Count - 20} more");

    if (csv is not null)
    {
        var header = "path,predicted," + string.Join(",", slotNames.DenseValues());
        var lines = predictions.Select(prediction =>
            $"{prediction.Path},{prediction.PredictedClass},{string.Join(",", prediction.Score.Select(score => score.ToString("r", CultureInfo.InvariantCulture)))}");
        File.WriteAllLines(csv, lines.Prepend(header));
    }

    var classes = slotNames.DenseValues().Select(name => name.ToString()).ToHashSet();
    if (predictions.All(prediction => classes.Contains(prediction.Folder)))
    {
        var metrics = ml.MulticlassClassification.Evaluate(scored);
        Console.WriteLine($"accuracy {metrics.MicroAccuracy:p2} of {predictions.Count} images, log-loss {metrics.LogLoss:f4}");
    }
    return 0;
}
catch (Exception exception)
{
    Console.Error.WriteLine($"Error: {exception.Message}");
    return 1;
}

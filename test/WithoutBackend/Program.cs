using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;

var ml = new MLContext(seed: 1);
var rows = Enumerable.Range(0, 4).Select(index => new Row { Label = $"{index % 2}", Features = [.. Enumerable.Repeat(index * 80f, 64)] });
var view = ml.Data.LoadFromEnumerable(rows);
var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions { Backbone = new ResNet(8), ImageShape = new ImageShape(1, 8, 8) }));
try
{
    pipeline.Fit(view);
    return 0;
}
catch (TorchBackendNotFoundException exception)
{
    Console.WriteLine(exception.Message);
    return 3;
}

internal sealed class Row
{
    public string Label { get; set; } = "";

    [VectorType(64)]
    public float[] Features { get; set; } = [];
}

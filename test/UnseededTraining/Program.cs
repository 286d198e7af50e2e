using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;

// The arguments: where to write, and a seed, which where none is given is drawn by a context that has none either.
var (output, seed) = (args[0], args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : (int?)null);
var checkpoints = Path.Combine(output, "checkpoints");
var ml = new MLContext();
var noise = new Random(1);
var rows = Enumerable.Range(0, 60).Select(index => new Row { Label = $"{index % 2}", Features = [.. Enumerable.Range(0, 64).Select(_ => index % 2 * 100f + noise.Next(100))] }).ToList();
var view = ml.Data.LoadFromEnumerable(rows);
var attack = new PgdAttack(Budget.LInf(8)) { Steps = 3 };
var trainer = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
{
    Backbone = new ResNet(8) { Width = 8 },
    Epochs = 20,
    BatchSize = 6,
    ImageShape = new ImageShape(1, 8, 8),
    Method = new AdversarialTraining(attack),
    Selection = new ModelSelection(attack),
    Averaging = WeightAveraging.Exponential(0.9),
    Seed = seed,
    // One after every update: many kills meet one that is being written.
    Checkpoints = new CheckpointOptions(checkpoints) { Interval = TimeSpan.FromTicks(1) },
    ResumeFrom = checkpoints,
});
using var model = trainer.Fit(ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view));
model.ExportOnnx(Path.Combine(output, "model.onnx"));

internal sealed class Row
{
    public string Label { get; set; } = "";

    [VectorType(64)]
    public float[] Features { get; set; } = [];
}

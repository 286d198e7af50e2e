using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;

// The arguments: where to write; a rank that fails in its third pass over the images, or -1; perhaps the processes of each rank are announced in files there, for a test that kills one.
var (output, failing) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
var group = MpiGroup.World;
File.WriteAllText(Path.Combine(output, $"rank-{group.Rank}.pid"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
var checkpoints = Path.Combine(output, "checkpoints");
var ml = new MLContext();
var noise = new Random(1);
var rows = Enumerable.Range(0, 60).Select(index => new Row { Label = $"{index % 2}", Features = [.. Enumerable.Range(0, 64).Select(_ => index % 2 * 100f + noise.Next(100))] }).ToList();
var passes = 0;
var view = ml.Data.LoadFromEnumerable(Rows());
var attack = new PgdAttack(Budget.LInf(8)) { Steps = 3 };
var trainer = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
{
    Backbone = new ResNet(8) { Width = 8 },
    Epochs = 8,
    BatchSize = 7,
    ImageShape = new ImageShape(1, 8, 8),
    Method = new AdversarialTraining(attack),
    Selection = new ModelSelection(attack),
    Averaging = WeightAveraging.Exponential(0.9),
    Checkpoints = new CheckpointOptions(checkpoints) { Interval = TimeSpan.FromTicks(1) },
    ResumeFrom = checkpoints,
    Distributed = group,
    Seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : null,
});
using var model = trainer.Fit(ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view));
model.ExportOnnx(Path.Combine(output, $"model-{group.Rank}.onnx"));
Console.WriteLine($"{group}: done");

IEnumerable<Row> Rows()
{
    passes++;
    foreach (var (index, row) in rows.Index())
    {
        // Long after the columns' keys and labels were read.
        if (group.Rank == failing && passes > 12 && index == 30)
            throw new InvalidDataException("This rank's disk is full.");
        yield return row;
    }
}

internal sealed class Row
{
    public string Label { get; set; } = "";

    [VectorType(64)]
    public float[] Features { get; set; } = [];
}

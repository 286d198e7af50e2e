using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using SkiaSharp;
using Tooling.Figures;
using Tooling.ImageData;

namespace Tooling.Reports;

/// <summary>Some images that the attack broke, the first of every class before any second, made again to be looked at.</summary>
public sealed class BrokenImages(MLContext ml, EvaluationPlan plan, ImageSet images, DeployedClassifier model)
{
    private const int Most = 8;

    public IReadOnlyList<BrokenImage> Make(RobustnessEvaluation evaluation, IDataView data)
    {
        var chosen = Chosen(evaluation);
        if (chosen.Length == 0)
            return [];
        var (clean, attacked) = Attack(chosen, data);
        var columns = new[] { clean, PixelBitmaps.Moves(clean, attacked, plan.Attack.Budget.Radius), attacked }.Select(Bitmaps).ToList();
        return [.. chosen.Select((row, place) => new BrokenImage(row, columns[0][place], columns[1][place], columns[2][place]))];
    }

    /// <summary>Broken images in the order of their rows, the first of every class before any second.</summary>
    private int[] Chosen(RobustnessEvaluation evaluation) =>
        [.. Enumerable.Range(0, images.Images.Count)
            .Where(row => ImageOutcomes.Of(evaluation, row) == ImageOutcome.Broken)
            .GroupBy(row => images.Images[row].Label)
            .SelectMany(group => group.Select((row, turn) => (row, turn)))
            .OrderBy(pair => pair.turn).ThenBy(pair => pair.row)
            .Take(Most).Select(pair => pair.row)];

    /// <summary>The same seed and rows, and so the same attacked images as in the evaluation, of which none is kept; the others are not attacked again.</summary>
    private (float[] Clean, float[] Attacked) Attack(int[] chosen, IDataView data)
    {
        var prepared = model.Transform(data);
        var view = ml.Adversarial().Transforms.AdversarialExamples(new AdversarialExamplesOptions
        {
            Classifier = model,
            Attack = plan.Attack,
            OutputColumnName = "Attacked",
            BatchSize = 1,
            Seed = plan.Seed,
        }).Fit(prepared).Transform(prepared);
        var columns = new[] { view.Schema[model.FeatureColumnName], view.Schema["Attacked"] };
        using var cursor = view.GetRowCursor(columns);
        var getters = columns.Select(cursor.GetGetter<VBuffer<float>>).ToList();
        // Row by row: the chosen ones are in an order of their own.
        var found = new Dictionary<long, float[][]>();
        while (cursor.MoveNext())
            if (chosen.Contains((int)cursor.Position))
                found.Add(cursor.Position, [.. getters.Select(Pixels)]);
        return ([.. chosen.SelectMany(row => found[row][0])], [.. chosen.SelectMany(row => found[row][1])]);
    }

    private SKBitmap[] Bitmaps(float[] pixels) => PixelBitmaps.Of(pixels, model.ImageShape.Channels, model.ImageShape.Height, model.ImageShape.Width);

    /// <summary>As the model takes them to [channels, height, width] in [0, 1].</summary>
    private float[] Pixels(ValueGetter<VBuffer<float>> getter)
    {
        var buffer = default(VBuffer<float>);
        getter(ref buffer);
        var (channels, range) = (model.ImageShape.Channels, model.PixelRange);
        float[] values = [.. buffer.DenseValues().Select(value => (value - range.Minimum) / (range.Maximum - range.Minimum))];
        return model.PixelLayout == PixelLayout.Planar
            ? values
            : [.. Enumerable.Range(0, channels).SelectMany(channel => values.Where((_, position) => position % channels == channel))];
    }
}

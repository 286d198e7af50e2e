using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using SkiaSharp;
using Tooling.Figures;
using Tooling.ImageData;
using static TorchSharp.torch;

namespace AdversarialTool.Evaluation;

/// <summary>Images that the attack broke, one of a class first: clean, the perturbation, attacked; for each, what the model takes it for and how sure it is.</summary>
public sealed class AttackedSheet(MLContext ml, EvaluationSettings settings, ImageSet images, DeployedClassifier model)
{
    private const int MostRows = 8;

    public void Draw(RobustnessEvaluation evaluation, IDataView data, string path)
    {
        var chosen = Chosen(evaluation);
        using var sheet = new ImageSheet(["clean image", "perturbation", "attacked"], Math.Max(1, chosen.Length));
        if (chosen.Length == 0)
            sheet.Say("no image was broken");
        else
            Place(sheet, chosen, data);
        sheet.Save(path);
    }

    /// <summary>Broken images in the order of their rows, the first of every class before any second.</summary>
    private int[] Chosen(RobustnessEvaluation evaluation) =>
        [.. Enumerable.Range(0, images.Images.Count)
            .Where(row => evaluation.IsCorrectClean[row] && !evaluation.Attacks[0].IsCorrect[row])
            .GroupBy(row => images.Images[row].Label)
            .SelectMany(group => group.Select((row, turn) => (row, turn)))
            .OrderBy(pair => pair.turn).ThenBy(pair => pair.row)
            .Take(MostRows).Select(pair => pair.row)];

    private void Place(ImageSheet sheet, int[] chosen, IDataView data)
    {
        var (clean, attacked) = Attack(chosen, data);
        var moves = PixelBitmaps.Moves(clean, attacked, settings.Attack.Budget.Radius);
        var (before, after) = (Answers(clean), Answers(attacked));
        var columns = new[] { clean, moves, attacked }.Select(Bitmaps).ToList();
        for (var row = 0; row < chosen.Length; row++)
        {
            var label = images.Images[chosen[row]].Label;
            sheet.Place(columns[0][row], 0, row, before[row].Text, before[row].Class == label);
            sheet.Place(columns[1][row], 1, row);
            sheet.Place(columns[2][row], 2, row, after[row].Text, after[row].Class == label);
        }
    }

    /// <summary>The same seed and rows, and so the same attacked images as in the evaluation, of which none is kept; the others are not attacked again.</summary>
    private (float[] Clean, float[] Attacked) Attack(int[] chosen, IDataView data)
    {
        var prepared = model.Transform(data);
        var view = ml.Adversarial().Transforms.AdversarialExamples(new AdversarialExamplesOptions
        {
            Classifier = model,
            Attack = settings.Attack,
            OutputColumnName = "Attacked",
            BatchSize = 1,
            Seed = settings.Seed,
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

    private (string Class, string Text)[] Answers(float[] pixels)
    {
        using var scope = NewDisposeScope();
        var seen = tensor(pixels).reshape(-1, model.ImageShape.Channels, model.ImageShape.Height, model.ImageShape.Width);
        var (probabilities, classes) = model.Network.Logits(seen).softmax(1).max(1);
        return [.. classes.data<long>().Zip(probabilities.data<float>(), (index, probability) => (model.ClassNames[(int)index], $"{model.ClassNames[(int)index]} {probability:p0}"))];
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

using Microsoft.ML;
using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Components;
using Microsoft.ML.Data;
using Samples.ImageData;
using SkiaSharp;
using static TorchSharp.torch;

namespace Samples.EvaluateRobustness;

/// <summary>Images that the attack broke, one of a class first: clean, the perturbation, attacked; for each, what the model takes it for and how sure it is.</summary>
public sealed class AttackedSheet(EvaluationSettings settings, ImageSet images, DeployedClassifier model)
{
    private const int Tile = 112, Gap = 12, Caption = 22, Header = 40, MostRows = 8;

    private static readonly SKColor Right = new(0x1b, 0x7f, 0x3b), Wrong = new(0xb4, 0x23, 0x18), Ink = new(0x22, 0x22, 0x22);

    public void Draw(RobustnessEvaluation evaluation, IDataView data, string path)
    {
        var chosen = Chosen(evaluation);
        using var surface = SKSurface.Create(new SKImageInfo(3 * (Tile + Gap) + Gap, Header + Math.Max(1, chosen.Length) * (Tile + Caption + Gap)));
        surface.Canvas.Clear(SKColors.White);
        using var font = EmbeddedFont.Open();
        using var text = new SKPaint { Typeface = font, TextSize = 15, IsAntialias = true, TextAlign = SKTextAlign.Center };
        string[] titles = ["clean image", "perturbation", "attacked"];
        for (var column = 0; column < titles.Length; column++)
            Write(surface.Canvas, text, titles[column], column, Header - 14, Ink);
        if (chosen.Length == 0)
            Write(surface.Canvas, text, "no image was broken", 1, Header + Tile / 2, Ink);
        else
            DrawRows(surface.Canvas, text, chosen, data);
        PngFile.Write(surface, path);
    }

    /// <summary>Broken images in the order of their rows, the first of every class before any second.</summary>
    private int[] Chosen(RobustnessEvaluation evaluation) =>
        [.. Enumerable.Range(0, images.Images.Count)
            .Where(row => evaluation.IsCorrectClean[row] && !evaluation.Attacks[0].IsCorrect[row])
            .GroupBy(row => images.Images[row].Label)
            .SelectMany(group => group.Select((row, turn) => (row, turn)))
            .OrderBy(pair => pair.turn).ThenBy(pair => pair.row)
            .Take(MostRows).Select(pair => pair.row)];

    private void DrawRows(SKCanvas canvas, SKPaint text, int[] chosen, IDataView data)
    {
        using var scope = NewDisposeScope();
        var channels = images.IsGrey ? 1 : 3;
        var features = model.Transform(data).GetColumn<float[]>("Features").ToList();
        float[] pixels = [.. chosen.SelectMany(row => features[row]).Select(value => value / 255)];
        var clean = tensor(pixels, [chosen.Length, channels, images.Height, images.Width]);
        var labels = tensor(chosen.Select(row => (long)model.ClassNames.ToList().IndexOf(images.Images[row].Label)).ToArray());
        var attacked = settings.Attack.Perturb(model.Network, clean, labels, ImageRandom.FromSeed(settings.Seed, chosen.Length));
        float[] attackedPixels = [.. attacked.contiguous().data<float>()];
        var widest = Math.Max(settings.Attack.Budget.Radius, 1e-6);
        // The widest move either way becomes black or white, no move the grey between.
        float[] moves = [.. attackedPixels.Zip(pixels, (after, before) => (float)((after - before) / (2 * widest) + 0.5))];
        var columns = new[] { pixels, moves, attackedPixels }.Select(values => PixelBitmaps.Of(values, channels, images.Height, images.Width)).ToList();
        var (before, after) = (Answers(clean), Answers(attacked));
        for (var row = 0; row < chosen.Length; row++)
        {
            var top = Header + row * (Tile + Caption + Gap);
            for (var column = 0; column < columns.Count; column++)
                canvas.DrawBitmap(columns[column][row], SKRect.Create(Gap + column * (Tile + Gap), top, Tile, Tile));
            var label = images.Images[chosen[row]].Label;
            Write(canvas, text, $"{before[row].Class} {before[row].Probability:p0}", 0, top + Tile + 16, before[row].Class == label ? Right : Wrong);
            Write(canvas, text, $"{after[row].Class} {after[row].Probability:p0}", 2, top + Tile + 16, after[row].Class == label ? Right : Wrong);
        }
    }

    private (string Class, double Probability)[] Answers(Tensor seen)
    {
        var (probabilities, classes) = model.Network.Logits(seen).softmax(1).max(1);
        return [.. classes.data<long>().Zip(probabilities.data<float>(), (index, probability) => (model.ClassNames[(int)index], (double)probability))];
    }

    private static void Write(SKCanvas canvas, SKPaint paint, string caption, int column, int baseline, SKColor colour)
    {
        paint.Color = colour;
        canvas.DrawText(caption, Gap + column * (Tile + Gap) + Tile / 2f, baseline, paint);
    }
}

using Microsoft.ML;
using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Components;
using Microsoft.ML.Data;
using Samples.ImageData;
using SkiaSharp;
using static TorchSharp.torch;

namespace Samples.TrainRobustClassifier;

/// <summary>One test image of each class, whatever became of it: clean, and for each model the perturbation that the attack found and the attacked image.</summary>
public sealed class PictureSheet(MLContext ml, SampleSettings settings, ImageSet test)
{
    private const int Tile = 112, Gap = 12, Caption = 22, Header = 64, MostRows = 10;

    private static readonly SKColor Right = new(0x1b, 0x7f, 0x3b), Wrong = new(0xb4, 0x23, 0x18), Ink = new(0x22, 0x22, 0x22);

    public void Draw(TrainedModel robust, TrainedModel plain, string path)
    {
        LabeledImage[] chosen = [.. test.Classes.Take(MostRows).Select(name => test.Images.First(image => image.Label == name))];
        var columns = new[] { robust, plain }.Select(model => Attacked(model, chosen)).ToList();

        var info = new SKImageInfo(5 * (Tile + Gap) + Gap, Header + chosen.Length * (Tile + Caption + Gap) + Gap);
        using var surface = SKSurface.Create(info);
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        using var font = EmbeddedFont.Open();
        using var text = new SKPaint { Typeface = font, TextSize = 15, IsAntialias = true, Color = Ink, TextAlign = SKTextAlign.Center };

        string[] titles = ["clean image", "perturbation", "attacked", "perturbation", "attacked"];
        Write(canvas, text, $"robust model, {settings.EvaluationAttack.Name}", 2, -1, Ink);
        Write(canvas, text, $"plain model, {settings.EvaluationAttack.Name}", 4, -1, Ink);
        for (var column = 0; column < titles.Length; column++)
            Write(canvas, text, titles[column], column, 0, Ink);
        for (var row = 0; row < chosen.Length; row++)
        {
            Place(canvas, columns[0].Clean[row], 0, row);
            Write(canvas, text, chosen[row].Label, 0, row + 1, Ink);
            for (var model = 0; model < columns.Count; model++)
            {
                var (before, after) = (columns[model].CleanClasses[row], columns[model].AttackedClasses[row]);
                Place(canvas, columns[model].Perturbations[row], 1 + 2 * model, row);
                Write(canvas, text, "clean: " + before, 1 + 2 * model, row + 1, before == chosen[row].Label ? Right : Wrong);
                Place(canvas, columns[model].Attacked[row], 2 + 2 * model, row);
                Write(canvas, text, "attacked: " + after, 2 + 2 * model, row + 1, after == chosen[row].Label ? Right : Wrong);
            }
        }

        PngFile.Write(surface, path);
    }

    private AttackedImages Attacked(TrainedModel model, LabeledImage[] chosen)
    {
        // Every stage of the fitted pipeline up to the classifier prepares the images.
        var view = ml.Data.LoadFromEnumerable(chosen);
        foreach (var stage in ((IEnumerable<ITransformer>)model.Pipeline).TakeWhile(stage => stage is not ImageClassificationTransformer))
            view = stage.Transform(view);
        var channels = test.IsGrey ? 1 : 3;

        using var scope = NewDisposeScope();
        var pixels = view.GetColumn<float[]>("Features").SelectMany(values => values).Select(value => value / 255).ToArray();
        var images = tensor(pixels, [chosen.Length, channels, test.Height, test.Width]);
        var labels = tensor(chosen.Select(image => (long)model.Model.ClassNames.ToList().IndexOf(image.Label)).ToArray());
        var attacked = settings.EvaluationAttack.Perturb(model.Model.Network, images, labels, ImageRandom.FromSeed(settings.Seed, chosen.Length));
        var attackedPixels = attacked.contiguous().data<float>().ToArray();
        // The widest move either way becomes black or white, no move the grey between.
        var widest = Math.Max(settings.EvaluationAttack.Budget.Radius, 1e-6);
        var perturbations = attackedPixels.Zip(pixels, (after, before) => (float)((after - before) / (2 * widest) + 0.5)).ToArray();
        return new AttackedImages(
            Bitmaps(pixels), Bitmaps(perturbations), Bitmaps(attackedPixels), Classes(model, images), Classes(model, attacked));
    }

    private SKBitmap[] Bitmaps(float[] values) => PixelBitmaps.Of(values, test.IsGrey ? 1 : 3, test.Height, test.Width);

    private static string[] Classes(TrainedModel model, Tensor images) =>
        [.. model.Model.Network.Logits(images).argmax(1).data<long>().Select(index => model.Model.ClassNames[(int)index])];

    private static void Place(SKCanvas canvas, SKBitmap bitmap, int column, int row)
    {
        var (left, top) = (Gap + column * (Tile + Gap), Header + row * (Tile + Caption + Gap));
        canvas.DrawBitmap(bitmap, SKRect.Create(left, top, Tile, Tile));
    }

    /// <summary>Row -1 and 0 are the header, row n the caption below the n-th picture.</summary>
    private static void Write(SKCanvas canvas, SKPaint paint, string caption, int column, int row, SKColor colour)
    {
        paint.Color = colour;
        var centre = Gap + column * (Tile + Gap) + Tile / 2f;
        var baseline = row <= 0 ? Header - 14 + 24 * row : Header + row * (Tile + Caption + Gap) - Gap - 6;
        // A title over two columns stands between them.
        canvas.DrawText(caption, row < 0 ? centre - (Tile + Gap) / 2f : centre, baseline, paint);
    }

    private sealed record AttackedImages(SKBitmap[] Clean, SKBitmap[] Perturbations, SKBitmap[] Attacked, string[] CleanClasses, string[] AttackedClasses);
}

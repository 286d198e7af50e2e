using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using SkiaSharp;
using Tooling.Figures;
using Tooling.ImageData;
using static TorchSharp.torch;

namespace Samples.TrainRobustClassifier;

/// <summary>One test image of each class, whatever became of it: clean, and for each model the perturbation that the attack found and the attacked image.</summary>
public sealed class PictureSheet(MLContext ml, SampleSettings settings, ImageSet test)
{
    private const int MostRows = 10;

    public void Draw(TrainedModel robust, TrainedModel plain, string path)
    {
        LabeledImage[] chosen = [.. test.Classes.Take(MostRows).Select(name => test.Images.First(image => image.Label == name))];
        var models = new[] { robust, plain }.Select(model => Attacked(model, chosen)).ToList();
        var attack = settings.EvaluationAttack.Name;
        using var sheet = new ImageSheet(
            ["clean image", "perturbation", "attacked", "perturbation", "attacked"], chosen.Length, ($"robust model, {attack}", 1, 2), ($"plain model, {attack}", 3, 4));
        for (var row = 0; row < chosen.Length; row++)
        {
            sheet.Place(models[0].Clean[row], 0, row, chosen[row].Label);
            for (var model = 0; model < models.Count; model++)
            {
                var (before, after) = (models[model].CleanClasses[row], models[model].AttackedClasses[row]);
                sheet.Place(models[model].Perturbations[row], 1 + 2 * model, row, "clean: " + before, before == chosen[row].Label);
                sheet.Place(models[model].Attacked[row], 2 + 2 * model, row, "attacked: " + after, after == chosen[row].Label);
            }
        }
        sheet.Save(path);
    }

    private AttackedImages Attacked(TrainedModel model, LabeledImage[] chosen)
    {
        // Every stage of the fitted pipeline up to the classifier prepares the images.
        var view = ml.Data.LoadFromEnumerable(chosen);
        foreach (var stage in ((IEnumerable<ITransformer>)model.Pipeline).TakeWhile(stage => stage is not ImageClassificationTransformer))
            view = stage.Transform(view);

        using var scope = NewDisposeScope();
        var pixels = view.GetColumn<float[]>("Features").SelectMany(values => values).Select(value => value / 255).ToArray();
        var images = tensor(pixels, [chosen.Length, test.IsGrey ? 1 : 3, test.Height, test.Width]);
        var labels = tensor(chosen.Select(image => (long)model.Model.ClassNames.ToList().IndexOf(image.Label)).ToArray());
        var attacked = settings.EvaluationAttack.Perturb(model.Model.Network, images, labels, ImageRandom.FromSeed(settings.Seed, chosen.Length));
        var attackedPixels = attacked.contiguous().data<float>().ToArray();
        var moves = PixelBitmaps.Moves(pixels, attackedPixels, settings.EvaluationAttack.Budget.Radius);
        return new AttackedImages(Bitmaps(pixels), Bitmaps(moves), Bitmaps(attackedPixels), Classes(model, images), Classes(model, attacked));
    }

    private SKBitmap[] Bitmaps(float[] values) => PixelBitmaps.Of(values, test.IsGrey ? 1 : 3, test.Height, test.Width);

    private static string[] Classes(TrainedModel model, Tensor images) =>
        [.. model.Model.Network.Logits(images).argmax(1).data<long>().Select(index => model.Model.ClassNames[(int)index])];

    private sealed record AttackedImages(SKBitmap[] Clean, SKBitmap[] Perturbations, SKBitmap[] Attacked, string[] CleanClasses, string[] AttackedClasses);
}

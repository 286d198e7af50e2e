using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Models;
using Tooling.CommandLine;
using Tooling.Models;

namespace Samples.RobustnessExplorer.Curves;

/// <summary>Attacks both models on some test images at several budgets, once: what was measured is kept in the cache.</summary>
public sealed class AccuracyMeasurement(ModelPair models, string cache, CancellationToken cancellation)
{
    private const int MostImages = 100, Steps = 10;

    private static readonly double[] Epsilons = [2, 4, 8, 12, 16, 24, 32];

    private readonly MLContext ml = new(seed: 1);

    public AccuracyCurves FindOrMeasure()
    {
        var output = new OutputFolder(cache);
        var name = $"accuracy-{Key()}.json";
        var path = Path.Combine(output.Path, name);
        if (File.Exists(path))
            return JsonSerializer.Deserialize<AccuracyCurves>(File.ReadAllText(path))!;
        var curves = new AccuracyCurves($"PGD-{Steps}", Examples, [0, .. Epsilons], Measure(models.Robust), Measure(models.Plain));
        output.Write(name, temporary => File.WriteAllText(temporary, JsonSerializer.Serialize(curves)));
        return curves;
    }

    private int Examples => Math.Min(MostImages, models.Images.Images.Count);

    private AccuracyPoint[] Measure(ExplorerModel model)
    {
        var images = models.Images.TakeEvenly(Examples);
        var attacks = Epsilons.Select(epsilon => new PgdAttack(Budget.LInf(epsilon)) { Steps = Steps }).ToList<Attack>();
        var evaluation = ml.Adversarial().EvaluateRobustness(model.Deployed, DeployedImages.Prepare(ml, images, model.Deployed), attacks, new RobustnessEvaluationOptions
        {
            Seed = 1,
            CancellationToken = cancellation,
        });
        return [AccuracyPoint.Of(evaluation.CleanAccuracy), .. evaluation.Attacks.Select(attack => AccuracyPoint.Of(attack.Accuracy))];
    }

    /// <summary>What both networks say of some images: other weights, other answers.</summary>
    private string Key()
    {
        var said = models.Images.TakeEvenly(Examples).Images.Select(image => image.Path).Concat(models.Both.SelectMany(model =>
            (float[])[.. model.Ask(Shade(0.25f)).Logits, .. model.Ask(Shade(0.75f)).Logits]).Select(logit => $"{logit:r}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', said))))[..16];
    }

    private float[] Shade(float brightest)
    {
        var length = models.Shape.Channels * models.Shape.Height * models.Shape.Width;
        return [.. Enumerable.Range(0, length).Select(place => brightest * place / length)];
    }
}

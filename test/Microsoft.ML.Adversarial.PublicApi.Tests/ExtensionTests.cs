using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>What a user brings along works like what the library has.</summary>
public class ExtensionTests
{
    private static readonly ImageClassificationOptions Options = new()
    {
        Backbone = new ResNet(8) { Width = 8 },
        Epochs = 3,
        BatchSize = 8,
        LearningRate = 0.05,
        Seed = 1,
        ImageShape = new ImageShape(1, 8, 8),
    };

    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void An_attack_of_ones_own_is_evaluated_and_is_weaker_than_pgd()
    {
        var (model, view) = Train(Options);

        var robustness = ml.Adversarial().EvaluateRobustness(model, view, new ReadmeCode.NoiseAttack(Budget.LInf(48)), new PgdAttack(Budget.LInf(48)));

        Assert.Equal("noise", robustness.Attacks[0].Attack.Name);
        Assert.True(robustness.Attacks[0].Metrics.LogLoss < robustness.Attacks[1].Metrics.LogLoss);
    }

    [Fact]
    public void A_method_of_ones_own_trains()
    {
        var (model, view) = Train(Options with { Method = new ReadmeCode.HalfAndHalf(new PgdAttack(Budget.LInf(8)) { Steps = 2 }), Epochs = 6 });

        Assert.True(ml.Adversarial().EvaluateRobustness(model, view).CleanAccuracy.Accuracy > 0.9);
    }

    [Fact]
    public void A_budget_of_ones_own_is_kept_by_pgd()
    {
        var (model, view) = Train(Options);

        var attack = ml.Adversarial().EvaluateRobustness(model, view, new PgdAttack(new TopHalfBudget())).Attacks[0];

        Assert.InRange(attack.LargestDistance, 0.0999, 0.1001);
    }

    private (ITransformer Model, IDataView View) Train(ImageClassificationOptions options)
    {
        var random = new Random(3);
        var view = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 32).Select(index => new Row
        {
            Label = index % 2 == 0 ? "dark" : "bright",
            Features = [.. Enumerable.Range(0, 64).Select(_ => (index % 2 == 0 ? 60f : 180f) + random.Next(20))],
        }).ToList());
        return (ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Adversarial().Trainers.ImageClassification(options)).Fit(view), view);
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(64)]
        public float[] Features { get; set; } = [];
    }

    /// <summary>A tenth of the range, but only in the upper half of the image. Its scalars live on, because TorchSharp does not keep them alive.</summary>
    private sealed record TopHalfBudget : Budget
    {
        private static readonly Scalar Zero = 0.ToScalar(), One = 1.ToScalar(), Least = (-0.1).ToScalar(), Most = 0.1.ToScalar();

        public override double Radius => 0.1;

        public override double DefaultStepSize(int steps) => 2 * Radius / steps;

        public override Tensor RandomStart(Tensor images, ImageRandom random) => images.clone();

        public override Tensor RandomDirection(Tensor images, ImageRandom random) => SteepestDirection(random.Normal("direction", images));

        public override Tensor SteepestDirection(Tensor gradient) => gradient.sign();

        public override Tensor Project(Tensor candidates, Tensor images)
        {
            var isUpper = tensor(Enumerable.Range(0, 8).Select(row => row < 4 ? 1f : 0f).ToArray()).view(1, 1, 8, 1);
            var moves = candidates.sub(images).clamp(Least, Most).mul(isUpper);
            return images.add(moves, One).clamp(Zero, One);
        }

        public override Tensor Distance(Tensor candidates, Tensor images) => candidates.sub(images).abs().flatten(1).amax([1]);
    }
}

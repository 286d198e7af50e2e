using Microsoft.ML.Adversarial.PublicApi.Tests.Extensions;
using Microsoft.ML.Data;
using Readme;

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

    [Fact]
    public void An_attack_a_loss_a_budget_a_method_and_a_network_of_ones_own_each_in_one_file_work_together()
    {
        var budget = new TopHalfBudget();
        var crafting = new PgdAttack(budget) { Steps = 2, Loss = new DivergenceLoss() };
        Attack[] members = [new ApgdAttack(budget) { Steps = 10 }, new FabAttack(budget) { Steps = 5 }, new SquareAttack(budget) { Queries = 20 }];
        var state = Path.Combine(Path.GetTempPath(), $"extensions-{Guid.NewGuid():n}.jsonl");
        var (model, view) = Train(Options with { Backbone = new TwoStageBackbone(), Method = new TwoUpdates(crafting), Epochs = 6 });

        var evaluation = ml.Adversarial().EvaluateRobustness(
            model, view, [new CornerAttack(budget, 5), crafting, new AttackEnsemble("AutoAttack, short", budget, members)], new RobustnessEvaluationOptions { StateFile = state });
        File.Delete(state);

        Assert.True(evaluation.CleanAccuracy.Accuracy > 0.9);
        Assert.All(evaluation.Attacks, attack => Assert.InRange(attack.LargestDistance, 0, 0.10001));
        Assert.Equal(["corners", "PGD-2", "AutoAttack, short"], evaluation.Attacks.Select(attack => attack.Attack.Name));
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
}

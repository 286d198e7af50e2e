using System.Text.Json;

namespace Microsoft.ML.Adversarial.Tests.Components;

public sealed class RobustnessGateTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 3);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void The_lower_end_of_the_interval_decides()
    {
        // 80 of 100: at least 71.1 % with 95 % confidence (Wilson).
        var evaluation = Made(clean: 95, robust: 80, worst: 60);

        Assert.Empty(new RobustnessGate { MinimumRobustAccuracy = 0.71 }.Failures(evaluation));
        Assert.Equal(
            ["The accuracy under PGD-10 (L-inf 8/255) is 80.0 % of 100 examples, at least 71.1 % with 95 % confidence; expected at least 72.0 %."],
            new RobustnessGate { MinimumRobustAccuracy = 0.72 }.Failures(evaluation));
    }

    [Fact]
    public void Every_threshold_that_is_missed_is_told()
    {
        var gate = new RobustnessGate { MinimumCleanAccuracy = 0.9, MinimumRobustAccuracy = 0.75, MinimumWorstCaseAccuracy = 0.75 };

        var exception = Assert.Throws<RobustnessGateException>(() => gate.Check(Made(clean: 95, robust: 70, worst: 60)));

        Assert.Equal(3, exception.Failures.Count);
        Assert.Contains("on clean images is 95.0 %", exception.Message, StringComparison.Ordinal);
        Assert.Contains("under PGD-10 (L-inf 8/255) is 70.0 %", exception.Message, StringComparison.Ordinal);
        Assert.Contains("in the worst case is 60.0 %", exception.Message, StringComparison.Ordinal);
        gate.Check(Made(clean: 100, robust: 100, worst: 100));
    }

    [Fact]
    public void A_gate_that_asks_for_nothing_or_of_no_attack_is_refused()
    {
        var evaluation = Made(clean: 95, robust: 70, worst: 60);

        Assert.Throws<InvalidOperationException>(() => new RobustnessGate().Check(evaluation));
        Assert.Throws<InvalidOperationException>(() => new RobustnessGate { MinimumRobustAccuracy = 0.1 }.Check(Made(clean: 95, robust: null, worst: 60)));
        Assert.Throws<ArgumentOutOfRangeException>("MinimumCleanAccuracy", () => new RobustnessGate { MinimumCleanAccuracy = 95 });
        Assert.Throws<ArgumentNullException>("evaluation", () => new RobustnessGate { MinimumCleanAccuracy = 0.5 }.Check(null!));
    }

    [Fact]
    public void The_report_holds_every_number_with_its_provenance()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 3 }).Fit(view);
        var ensemble = new AttackEnsemble("both", Budget.LInf(8), [new PgdAttack(Budget.LInf(8)) { Steps = 2 }, new SquareAttack(Budget.LInf(8)) { Queries = 10 }]);
        var evaluation = ml.Adversarial().EvaluateRobustness(model, view, [ensemble], new RobustnessEvaluationOptions { Seed = 5 });

        using var report = JsonDocument.Parse(evaluation.ToJson());
        var root = report.RootElement;

        Assert.Equal("Microsoft.ML.Adversarial robustness report, version 1", root.GetProperty("format").GetString());
        Assert.Equal((9, 5, "Adversarial"), (root.GetProperty("examples").GetInt32(), root.GetProperty("seed").GetInt32(), root.GetProperty("domain").GetString()));
        Assert.Equal(evaluation.CleanAccuracy.Lower, root.GetProperty("clean").GetProperty("lower").GetDouble());
        var attack = root.GetProperty("attacks")[0];
        Assert.Equal("both (PGD-2 (L-inf 8/255, untargeted), Square (L-inf 8/255, 10 queries))", attack.GetProperty("parameters").GetString());
        Assert.Equal(evaluation.Attacks[0].Accuracy.Accuracy, attack.GetProperty("accuracy").GetProperty("accuracy").GetDouble());
        Assert.Equal([.. evaluation.Attacks[0].Members.Select(member => member.Examples)], attack.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("examples").GetInt64()));
        Assert.Equal(["bottom", "left", "right"], root.GetProperty("classes").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(evaluation.Warnings.Select(warning => warning.Kind.ToString()), root.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!));
        Assert.NotEmpty(evaluation.Warnings);
        foreach (var name in (string[])["library", "microsoftMl", "torchSharp", "runtime", "operatingSystem", "architecture"])
            Assert.NotEmpty(root.GetProperty("provenance").GetProperty(name).GetString()!);
        Assert.Equal(Environment.ProcessorCount, root.GetProperty("provenance").GetProperty("processors").GetInt32());
    }

    [Fact]
    public void A_class_without_examples_has_no_number_in_the_report()
    {
        var evaluation = Made(95, 70, 60, new ClassRobustness { Name = "empty", CleanAccuracy = AccuracyInterval.Wilson(default), AttackAccuracies = [], WorstCaseAccuracy = AccuracyInterval.Wilson(default) });

        using var report = JsonDocument.Parse(evaluation.ToJson());

        Assert.Equal(JsonValueKind.Null, report.RootElement.GetProperty("classes")[0].GetProperty("clean").GetProperty("accuracy").ValueKind);
    }

    /// <summary>An evaluation of 100 examples, so many of which are right; null for no attack.</summary>
    private RobustnessEvaluation Made(int clean, int? robust, int worst, params ClassRobustness[] classes)
    {
        var metrics = ml.MulticlassClassification.Evaluate(ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 4).Select(index => new Scored { Label = (uint)(index % 2), PredictedLabel = 0, Score = [0.6f, 0.4f] })));
        AttackEvaluation[] attacked = robust is { } standing
            ? [new AttackEvaluation { Attack = new PgdAttack(Budget.LInf(8)), Metrics = metrics, Accuracy = Interval(standing), IsCorrect = [], LargestDistance = 0, Members = [] }]
            : [];
        return new RobustnessEvaluation
        {
            Domain = ImageDomain.Adversarial,
            SearchPrecision = Precision.Single,
            Seed = 1,
            Examples = 100,
            Clean = metrics,
            CleanAccuracy = Interval(clean),
            IsCorrectClean = [],
            Attacks = attacked,
            WorstCaseAccuracy = Interval(worst),
            IsCorrectInWorstCase = [],
            Classes = classes,
            Warnings = [],
        };

        static AccuracyInterval Interval(int correct) => AccuracyInterval.Wilson(new Tally(correct, 100));
    }

    private sealed class Scored
    {
        [Microsoft.ML.Data.KeyType(2)]
        public uint Label { get; set; }

        [Microsoft.ML.Data.KeyType(2)]
        public uint PredictedLabel { get; set; }

        [Microsoft.ML.Data.VectorType(2)]
        public float[] Score { get; set; } = [];
    }
}

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An attack that nobody else has in C#: the search in float32 is the baseline.</summary>
internal sealed class AttackBenchmark(string attackName, Func<Budget, Attack> attack)
    : Benchmark($"evaluation/{attackName}", $"{attackName} on {TrainedModel.TestImages} images of the network that PGD-50 meets", rounds: 3)
{
    public override Race Prepare(Workshop workshop)
    {
        var model = workshop.Model;
        var budget = Budget.LInf(model.GreyLevels);
        var (single, rounded) = (new LibraryEvaluation(model.Frozen, model.Test, attack(budget)), new LibraryEvaluation(model.Frozen, model.Test, attack(budget), Precision.BFloat16));
        return new Race
        {
            Contestants = [single.AsContestant("library, fp32"), rounded.AsContestant("library, bf16 search")],
            MultiplyAdds = model.Network.MultiplyAdds,
            TypicalLayer = TrainedModel.TypicalLayer,
            WarmUps = 0,
            Remark = () => FormattableString.Invariant($"{model.Test.Count} images, {budget}; robust accuracy {single.Robust.Accuracy:0.0 %}, {rounded.Robust.Accuracy:0.0 %} (bf16 search)"),
        };
    }
}

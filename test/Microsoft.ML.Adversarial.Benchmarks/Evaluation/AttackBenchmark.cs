namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An attack that nobody else has in C#: time and work alone.</summary>
internal sealed class AttackBenchmark(string attackName, Func<Budget, Attack> attack)
    : Benchmark($"evaluation/{attackName}", $"{attackName} on {TrainedModel.TestImages} images of the network that PGD-50 meets", rounds: 3)
{
    public override Race Prepare(Workshop workshop)
    {
        var model = workshop.Model;
        var budget = Budget.LInf(model.GreyLevels);
        var single = new LibraryEvaluation(model, attack(budget));
        return new Race
        {
            Contestants = [Contestant.Timed("library, fp32", single.Run)],
            MultiplyAdds = model.Network.MultiplyAdds,
            TypicalLayer = TrainedModel.TypicalLayer,
            WarmUps = 0,
            Remark = () => FormattableString.Invariant($"{model.Test.Count} images, {budget}; robust accuracy {single.Robust.Accuracy:0.0 %}"),
        };
    }
}

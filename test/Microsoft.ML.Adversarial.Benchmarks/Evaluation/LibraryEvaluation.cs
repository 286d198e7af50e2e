using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An evaluation of the library under one attack.</summary>
/// <param name="attacked">What is attacked.</param>
/// <param name="test">On these images.</param>
/// <param name="attack">By what.</param>
/// <param name="search">In what searches compute.</param>
internal sealed class LibraryEvaluation(FrozenNetwork attacked, TestBatches test, Attack attack, Precision search = Precision.Single)
{
    /// <summary>In the last run.</summary>
    public Tally Robust { get; private set; }

    public Contestant AsContestant(string name) => Contestant.Timed(name, Run) with { Precision = search };

    private (long Images, long Passes) Run()
    {
        using var rounded = search == Precision.Single ? null : attacked.In(search);
        var network = new CountingClassifier(attacked);
        var searched = rounded is null ? null : new CountingClassifier(rounded);
        Robust = new RobustnessEvaluator(network, [attack], CPU, new Seed(1)) { Searched = searched }.Evaluate(test.Batches()).WorstCaseTally;
        return (Robust.Total, network.Passes + (searched?.Passes ?? 0));
    }
}

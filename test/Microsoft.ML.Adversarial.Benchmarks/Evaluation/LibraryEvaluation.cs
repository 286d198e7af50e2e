using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An evaluation of the library under one attack.</summary>
/// <param name="model">What is attacked.</param>
/// <param name="attack">By what.</param>
/// <param name="search">In what searches compute.</param>
internal sealed class LibraryEvaluation(TrainedModel model, Attack attack, Precision search = Precision.Single)
{
    /// <summary>In the last run.</summary>
    public Tally Robust { get; private set; }

    public Contestant AsContestant(string name) => Contestant.Timed(name, Run) with { Precision = search };

    private (long Images, long Passes) Run()
    {
        using var rounded = search == Precision.Single ? null : model.Frozen.In(search);
        var network = new CountingClassifier(model.Frozen);
        var searched = rounded is null ? null : new CountingClassifier(rounded);
        Robust = new RobustnessEvaluator(network, [attack], CPU, new Seed(1)) { Searched = searched }.Evaluate(model.Test.Batches()).WorstCaseTally;
        return (Robust.Total, network.Passes + (searched?.Passes ?? 0));
    }
}

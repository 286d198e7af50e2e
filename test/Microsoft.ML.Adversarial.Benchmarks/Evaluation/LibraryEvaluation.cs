using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An evaluation of the library under one attack.</summary>
internal sealed class LibraryEvaluation(TrainedModel model, Attack attack)
{
    /// <summary>In the last run.</summary>
    public Tally Robust { get; private set; }

    public (long Images, long Passes) Run()
    {
        var counting = new CountingClassifier(model.Frozen);
        Robust = new RobustnessEvaluator(counting, [attack], CPU, new Seed(1)).Evaluate(model.Test.Batches()).WorstCaseTally;
        return (Robust.Total, counting.Passes);
    }
}

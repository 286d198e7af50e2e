namespace Microsoft.ML.Adversarial;

/// <summary>What a <see cref="DepthExperiment"/> found. Dispose it to free the models of its runs.</summary>
public sealed class DepthExperimentResult : IDisposable
{
    internal DepthExperimentResult(IReadOnlyList<DepthRunDetail> runDetails, DepthRunDetail bestRun, DepthExperimentSettings settings)
    {
        RunDetails = runDetails;
        BestRun = bestRun;
        Settings = settings;
    }

    /// <summary>The run with the highest metric within the latency limit; of equals the cheapest.</summary>
    public DepthRunDetail BestRun { get; }

    /// <summary>All runs, in the order they ended, plain ones among them.</summary>
    public IReadOnlyList<DepthRunDetail> RunDetails { get; }

    /// <summary>The runs that no other beats: none is as good and cheaper, none as cheap and better. From the cheapest, in multiply-adds, to the best; without plain ones.</summary>
    public IReadOnlyList<DepthRunDetail> ParetoFront => Adversarial.ParetoFront.Of(RunDetails.Where(run => !run.IsComparison && !double.IsNaN(run.Metric)));

    internal DepthExperimentSettings Settings { get; }

    /// <summary>The runs from the best to the worst as a table in Markdown, with the settings that the numbers depend on.</summary>
    /// <returns>Lines that end with a line feed.</returns>
    public string ToMarkdown() => new DepthReport(this).Text();

    /// <summary>Frees the models.</summary>
    public void Dispose()
    {
        foreach (var run in RunDetails)
            run.Classifier?.Dispose();
    }
}

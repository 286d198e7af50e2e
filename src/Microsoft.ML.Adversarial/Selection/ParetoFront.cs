namespace Microsoft.ML.Adversarial;

/// <summary>The runs worth their cost.</summary>
internal static class ParetoFront
{
    /// <returns>By rising cost and rising metric; of equals the one that came first.</returns>
    public static IReadOnlyList<DepthRunDetail> Of(IEnumerable<DepthRunDetail> runs)
    {
        var front = new List<DepthRunDetail>();
        foreach (var run in runs.OrderBy(run => run.MultiplyAdds).ThenByDescending(run => run.Metric))
            if (front.Count == 0 || run.Metric > front[^1].Metric)
                front.Add(run);
        return front;
    }
}

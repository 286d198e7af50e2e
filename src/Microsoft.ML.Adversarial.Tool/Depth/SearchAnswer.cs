using System.Text.Json.Nodes;
using Microsoft.ML.Adversarial;

namespace AdversarialTool.Depth;

/// <summary>A search for programs: every network with what it costs and withstands, the best one on test images, and where the files are.</summary>
internal static class SearchAnswer
{
    /// <param name="result">The search's.</param>
    /// <param name="tested">The best network on images that nothing was chosen by; null where the time did not suffice.</param>
    /// <param name="files">What was written.</param>
    public static Answer Create(DepthExperimentResult result, RobustnessEvaluation? tested, IEnumerable<string> files)
    {
        var front = result.ParetoFront.Select(run => run.Trial).ToHashSet();
        return new Answer(new JsonObject
        {
            ["best"] = result.BestRun.Trial.ToString(),
            ["isComplete"] = result.RunDetails.All(run => run.Status != DepthRunStatus.OutOfTime),
            ["networks"] = new JsonArray([.. result.RunDetails.Select(run => Network(run, front.Contains(run.Trial)))]),
            ["test"] = tested is null ? null : JsonNode.Parse(tested.ToJson()),
            ["files"] = Json.Of(files),
        });
    }

    private static JsonObject Network(DepthRunDetail run, bool isWorthItsCost) => new()
    {
        ["name"] = run.Trial.ToString(),
        ["depth"] = run.Trial.Depth,
        ["isComparison"] = run.IsComparison,
        ["isWorthItsCost"] = isWorthItsCost,
        ["status"] = run.Status.ToString(),
        ["robust"] = Json.Of(run.RobustAccuracy),
        ["clean"] = Json.Of(run.CleanAccuracy),
        ["epochs"] = run.Epochs.Count,
        ["parameters"] = run.Parameters,
        ["multiplyAdds"] = run.MultiplyAdds,
        ["milliseconds"] = run.Latency?.TotalMilliseconds,
        ["trainingSeconds"] = Math.Round(run.TrainingTime.TotalSeconds, 1),
        ["error"] = run.Exception?.Message,
    };
}

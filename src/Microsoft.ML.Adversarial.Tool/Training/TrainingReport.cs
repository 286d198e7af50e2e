using System.Text.Json.Nodes;
using Tooling.ImageData;

namespace AdversarialTool.Training;

/// <summary>A training for programs to read: report.json, and the answer to <c>--json</c>.</summary>
internal static class TrainingReport
{
    private const string Format = "adversarial train report, version 1";

    /// <param name="settings">What was asked for.</param>
    /// <param name="training">What it was trained on.</param>
    /// <param name="measured">The domain that is deployed comes first.</param>
    /// <param name="seconds">Of this process; what was trained before it was stopped is not counted.</param>
    /// <param name="files">The models.</param>
    public static JsonObject Create(TrainSettings settings, ImageSet training, IReadOnlyList<MeasuredDomain> measured, double seconds, IEnumerable<string> files) => new()
    {
        ["format"] = Format,
        ["clean"] = Json.Of(measured[0].Evaluation.CleanAccuracy),
        ["robust"] = Json.Of(measured[0].Evaluation.Attacks[0].Accuracy),
        ["attack"] = settings.EvaluationAttack.ToString(),
        ["files"] = Json.Of(files),
        ["training"] = new JsonObject
        {
            ["images"] = training.Images.Count,
            ["classes"] = Json.Of(training.Classes),
            ["shape"] = new JsonObject { ["channels"] = training.IsGrey ? 1 : 3, ["height"] = training.Height, ["width"] = training.Width },
            ["network"] = TrainingDisplay.Network(settings),
            ["method"] = settings.TrainingMethod.ToString(),
            ["attack"] = settings.TrainingMethod.Attack?.ToString(),
            ["isMixture"] = settings.IsMixture,
            ["epochs"] = settings.Epochs,
            ["batchSize"] = settings.BatchSize,
            ["learningRate"] = settings.LearningRate,
            ["craftingPrecision"] = settings.CraftingPrecision.ToString(),
            ["seed"] = settings.Seed,
            ["seconds"] = Math.Round(seconds, 1),
        },
        ["evaluations"] = new JsonObject(measured.Select(one => KeyValuePair.Create(one.Domain.ToString(), JsonNode.Parse(one.Evaluation.ToJson())))),
    };
}

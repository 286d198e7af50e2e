using System.Text.Json.Nodes;
using Microsoft.ML.Adversarial;

namespace AdversarialTool;

/// <summary>Values for programs.</summary>
internal static class Json
{
    /// <summary>JSON knows no NaN: an accuracy of no images is null.</summary>
    public static JsonObject? Of(AccuracyInterval? interval) => interval is null ? null : new JsonObject
    {
        ["accuracy"] = double.IsFinite(interval.Accuracy) ? interval.Accuracy : null,
        ["lower"] = interval.Lower,
        ["upper"] = interval.Upper,
        ["examples"] = interval.Examples,
    };

    public static JsonArray Of(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}

using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Adversarial;

/// <summary>Writes an evaluation as JSON whose names stay what they are; a change of them is another version.</summary>
internal static class RobustnessReport
{
    private const string Format = "Microsoft.ML.Adversarial robustness report, version 1";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        // Attacks and classes are names, not markup: a plus sign or an umlaut stays readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new OneLineConverter() },
    };

    private static readonly JsonSerializerOptions Compact = new(Options) { WriteIndented = false };

    public static string ToJson(RobustnessEvaluation evaluation) => JsonSerializer.Serialize(
        new
        {
            Format,
            Provenance = Provenance(),
            evaluation.Examples,
            evaluation.Seed,
            Domain = evaluation.Domain?.ToString(),
            SearchPrecision = evaluation.SearchPrecision.ToString(),
            Clean = Accuracy(evaluation.CleanAccuracy),
            CleanLogLoss = Finite(evaluation.Clean.LogLoss),
            Attacks = evaluation.Attacks.Select(attacked => Attacked(attacked, evaluation.Labels)),
            WorstCase = Accuracy(evaluation.WorstCaseAccuracy),
            Classes = evaluation.Classes.Select(one => new
            {
                one.Name,
                Clean = Accuracy(one.CleanAccuracy),
                Attacks = one.AttackAccuracies.Select(Accuracy),
                WorstCase = Accuracy(one.WorstCaseAccuracy),
            }),
            Warnings = evaluation.Warnings.Select(warning => new { Kind = warning.Kind.ToString(), warning.Message }),
            Images = evaluation.Labels.Select((label, row) => new OneLine(new
            {
                Label = label,
                Clean = Prediction(evaluation.CleanPredictions[row]),
                Attacks = evaluation.Attacks.Select(attacked => Prediction(attacked.Predictions[row])),
            })),
        },
        Options);

    private static object Provenance() => new
    {
        Library = Version(typeof(RobustnessReport)),
        MicrosoftMl = Version(typeof(MLContext)),
        TorchSharp = Version(typeof(TorchSharp.torch)),
        Runtime = RuntimeInformation.FrameworkDescription,
        OperatingSystem = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
        Processors = Environment.ProcessorCount,
    };

    private static object Attacked(AttackEvaluation attacked, IReadOnlyList<string> labels) => new
    {
        attacked.Attack.Name,
        Parameters = attacked.Attack.ToString(),
        Budget = attacked.Attack.Budget.ToString(),
        attacked.Attack.Budget.Radius,
        Accuracy = Accuracy(attacked.Accuracy),
        LogLoss = Finite(attacked.Metrics.LogLoss),
        attacked.LargestDistance,
        Members = attacked.Members.Select(member => new
        {
            member.Attack.Name,
            Parameters = member.Attack.ToString(),
            member.Examples,
            member.Broken,
            Seconds = Math.Round(member.Elapsed.TotalSeconds, 1),
        }),
        Confusion = labels.Zip(attacked.Predictions, (label, prediction) => (Label: label, Predicted: prediction.ClassName)).CountBy(pair => pair)
            .Select(count => new OneLine(new { count.Key.Label, count.Key.Predicted, Images = count.Value })),
    };

    private static object Prediction(ImagePrediction prediction) => new { Class = prediction.ClassName, Confidence = float.IsFinite(prediction.Confidence) ? prediction.Confidence : (float?)null };

    /// <summary>JSON knows no NaN: an accuracy of no examples is null.</summary>
    private static object Accuracy(AccuracyInterval interval) => new { Accuracy = Finite(interval.Accuracy), interval.Lower, interval.Upper, interval.Examples };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>One of many: thousands of images in indented JSON would be a line for every brace.</summary>
    private sealed record OneLine(object Content);

    private sealed class OneLineConverter : JsonConverter<OneLine>
    {
        public override OneLine Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Reports are written, not read.");

        public override void Write(Utf8JsonWriter writer, OneLine value, JsonSerializerOptions options) =>
            // A raw value stands where the last one ended unless it begins a line itself.
            writer.WriteRawValue($"{writer.Options.NewLine}{new string(' ', 2 * writer.CurrentDepth)}{JsonSerializer.Serialize(value.Content, Compact)}", skipInputValidation: true);
    }

    /// <summary>The package's version; ML.NET's assemblies all call themselves 1.0.0.0.</summary>
    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}

using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

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
    };

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
            Attacks = evaluation.Attacks.Select(Attacked),
            WorstCase = Accuracy(evaluation.WorstCaseAccuracy),
            Classes = evaluation.Classes.Select(one => new
            {
                one.Name,
                Clean = Accuracy(one.CleanAccuracy),
                Attacks = one.AttackAccuracies.Select(Accuracy),
                WorstCase = Accuracy(one.WorstCaseAccuracy),
            }),
            Warnings = evaluation.Warnings.Select(warning => new { Kind = warning.Kind.ToString(), warning.Message }),
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

    private static object Attacked(AttackEvaluation attacked) => new
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
    };

    /// <summary>JSON knows no NaN: an accuracy of no examples is null.</summary>
    private static object Accuracy(AccuracyInterval interval) => new { Accuracy = Finite(interval.Accuracy), interval.Lower, interval.Upper, interval.Examples };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>The package's version; ML.NET's assemblies all call themselves 1.0.0.0.</summary>
    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}

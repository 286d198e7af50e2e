using System.Text.Json.Nodes;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;

namespace AdversarialTool.Evaluation;

/// <summary>An evaluation for programs: what report.json says, the gate, and where the files are.</summary>
internal static class EvaluationAnswer
{
    public static Answer Create(EvaluationSettings settings, RobustnessEvaluation evaluation, IReadOnlyList<string> failures, IEnumerable<string> files) => new(
        new JsonObject
        {
            ["model"] = settings.Plan.Model,
            ["gate"] = settings.Minimum is { } minimum
                ? new JsonObject { ["minimum"] = minimum, ["isOpen"] = failures.Count == 0, ["failures"] = Json.Of(failures) }
                : null,
            ["files"] = Json.Of(files),
            ["evaluation"] = JsonNode.Parse(evaluation.ToJson()),
        },
        failures.Count == 0 ? ExitCode.Success : ExitCode.GateClosed);
}

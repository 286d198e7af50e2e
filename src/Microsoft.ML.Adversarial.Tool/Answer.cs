using System.Text.Json.Nodes;
using Tooling.CommandLine;

namespace AdversarialTool;

/// <summary>What a verb has to say when its work is done.</summary>
/// <param name="Document">For programs, which asked for it with <c>--json</c>.</param>
/// <param name="Code">How the program ends.</param>
public sealed record Answer(JsonObject Document, int Code = ExitCode.Success);

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Tooling.CommandLine;

/// <summary>The standard output of a program that answers with one JSON document: while this lives, what is for people goes to the standard error.</summary>
public sealed class JsonOutput : IDisposable
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        // Attacks, classes and paths are names, not markup: a plus sign or an umlaut stays readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly TextWriter output = Console.Out;

    public JsonOutput()
    {
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        Console.SetOut(Console.Error);
    }

    public static string Text(JsonNode document) => document.ToJsonString(Format);

    /// <summary>Of several ranks the first one answers.</summary>
    public void Write(JsonNode document)
    {
        if (!Ranks.IsSilent)
            output.WriteLine(Text(document));
    }

    public void Dispose() => Console.SetOut(output);
}

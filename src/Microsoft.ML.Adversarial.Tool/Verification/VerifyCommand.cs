using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Spectre.Console;
using Tooling.CommandLine;

namespace AdversarialTool.Verification;

/// <summary>Says of files whether they are as this library wrote them; exit code 1 where one is not.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Models, ONNX files, weights and checkpoints that this library wrote", Arity = ArgumentArity.OneOrMore };
        var command = new Command("verify", "Says what files of this library are, and whether the hash that each carries fits its content.") { files };
        return command.Doing("Nothing was changed.", (arguments, cancellation) =>
        {
            var ml = new MLContext();
            var seen = arguments.GetValue(files)!.Select(path => Verify(ml, path, cancellation)).ToList();
            return new Answer(
                new JsonObject { ["files"] = new JsonArray([.. seen.Select(one => one.Document)]) },
                seen.All(one => one.Fits) ? ExitCode.Success : ExitCode.Failure);
        });
    }

    private static (bool Fits, JsonNode Document) Verify(MLContext ml, string path, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            var verified = ml.Adversarial().Verify(path);
            AnsiConsole.MarkupLineInterpolated($"[green]fits[/]  {path}: {verified}");
            return (true, new JsonObject { ["path"] = path, ["fits"] = true, ["kind"] = verified.Kind.ToString(), ["libraryVersion"] = verified.LibraryVersion, ["sha256"] = verified.Hash });
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]does not fit[/]  {path}: {exception.Message}");
            return (false, new JsonObject { ["path"] = path, ["fits"] = false, ["error"] = exception.Message });
        }
    }
}

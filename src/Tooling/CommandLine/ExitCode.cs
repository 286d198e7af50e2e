using System.Text.Json.Nodes;
using Spectre.Console;

namespace Tooling.CommandLine;

/// <summary>A person reads what went wrong, not where in the code it did; a program reads the code, and where it asked for JSON the same sentence as <c>error</c> or <c>stopped</c>.</summary>
public static class ExitCode
{
    public const int Success = 0;

    public const int Failure = 1;

    /// <summary>The work is done, and what it found does not suffice.</summary>
    public const int GateClosed = 2;

    /// <summary>What shells say of a program that Ctrl+C ended.</summary>
    public const int Interrupted = 130;

    /// <param name="work">What the program does.</param>
    /// <param name="whenStopped">What a person should know who stopped it.</param>
    public static int Of(Action work, string whenStopped) => Of(
        () =>
        {
            work();
            return Success;
        },
        whenStopped,
        json: null);

    /// <param name="work">What the program does; it gives the exit code.</param>
    /// <param name="whenStopped">What a person should know who stopped it.</param>
    /// <param name="json">Who gets the answer where it is a program; null for none.</param>
    public static int Of(Func<int> work, string whenStopped, JsonOutput? json)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped.[/] {whenStopped}");
            json?.Write(new JsonObject { ["stopped"] = whenStopped });
            return Interrupted;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine($"Error: {exception.Message}");
            json?.Write(new JsonObject { ["error"] = exception.Message });
            return Failure;
        }
    }
}

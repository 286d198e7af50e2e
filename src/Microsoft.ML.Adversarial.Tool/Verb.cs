using System.CommandLine;
using Spectre.Console;
using Tooling.CommandLine;

namespace AdversarialTool;

/// <summary>How every verb runs, stops and answers.</summary>
internal static class Verb
{
    private const int FileWidth = 1000;

    /// <summary>Understood behind every verb.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document on the standard output, and all else on the standard error", Recursive = true };

    /// <summary>Ctrl+C asks for the end of the work; an update of a large network may take long. What has not ended by then is ended.</summary>
    public static InvocationConfiguration Invocation { get; } = new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };

    /// <param name="command">The verb.</param>
    /// <param name="whenStopped">What a person should know who stopped it.</param>
    /// <param name="work">What it does.</param>
    public static Command Doing(this Command command, string whenStopped, Func<ParseResult, CancellationToken, Answer> work)
    {
        // On a thread of its own, whose end is waited for as long as Invocation says.
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments.GetValue(Json), whenStopped, () => work(arguments, cancellation)), CancellationToken.None));
        return command;
    }

    private static int Run(bool isJson, string whenStopped, Func<Answer> work)
    {
        using var json = isJson ? new JsonOutput() : null;
        // A file has no edge at which a path would have to be broken.
        if (!LiveLine.IsTerminal)
            AnsiConsole.Profile.Width = FileWidth;
        return ExitCode.Of(
            () =>
            {
                var answer = work();
                json?.Write(answer.Document);
                return answer.Code;
            },
            whenStopped,
            json);
    }
}

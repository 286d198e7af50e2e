using Spectre.Console;

namespace Samples.CommandLine;

/// <summary>A person reads what went wrong, not where in the code it did.</summary>
public static class ExitCode
{
    /// <summary>The work is done, and what it found does not suffice.</summary>
    public const int GateClosed = 2;

    private const int Success = 0, Failure = 1, Interrupted = 130;

    /// <param name="work">What the program does.</param>
    /// <param name="whenStopped">What a person should know who stopped it.</param>
    public static int Of(Action work, string whenStopped)
    {
        try
        {
            work();
            return Success;
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped.[/] {whenStopped}");
            return Interrupted;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine($"Error: {exception.Message}");
            return Failure;
        }
    }
}

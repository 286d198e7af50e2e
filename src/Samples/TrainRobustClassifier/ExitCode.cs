using Spectre.Console;

namespace Samples.TrainRobustClassifier;

/// <summary>A person reads what went wrong, not where in the code it did.</summary>
public static class ExitCode
{
    private const int Success = 0, Failure = 1, Interrupted = 130;

    public static int Of(Action work)
    {
        try
        {
            work();
            return Success;
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLine("[yellow]Stopped.[/] No model was written.");
            return Interrupted;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine($"Error: {exception.Message}");
            return Failure;
        }
    }
}

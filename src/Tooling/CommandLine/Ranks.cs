using System.CommandLine;
using Microsoft.ML.Adversarial;
using Spectre.Console;

namespace Tooling.CommandLine;

/// <summary>A command that <c>mpirun</c> starts several times: all ranks work, the first one alone talks and writes.</summary>
public static class Ranks
{
    /// <summary>Whether this process is one of several and not the first.</summary>
    public static bool IsSilent { get; private set; }

    public static Option<bool> Option() => new("--distributed") { Description = "Share the work with the other processes that mpirun or srun started with this command" };

    /// <returns>All ranks; null for this process alone.</returns>
    public static ProcessGroup? Open(bool isDistributed)
    {
        if (!isDistributed)
            return null;
        ProcessGroup group = MpiGroup.World;
        if (!IsFirst(group))
        {
            IsSilent = true;
            Console.SetOut(TextWriter.Null);
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        }
        return group;
    }

    /// <summary>Whether this process writes what is there to be written.</summary>
    public static bool IsFirst(this ProcessGroup? group) => group is null or { Rank: 0 };

    /// <summary>As <see cref="ProcessGroup.FirstThenOthers"/>; alone there is nobody to wait for.</summary>
    public static T InTurn<T>(this ProcessGroup? group, Func<T> make) => group is null ? make() : group.FirstThenOthers(make);
}

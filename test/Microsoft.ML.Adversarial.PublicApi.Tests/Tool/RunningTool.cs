using System.Diagnostics;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

/// <summary>The command line <c>adversarial</c> as it was built, in a process of its own.</summary>
internal static class RunningTool
{
    private const string Project = "src/Microsoft.ML.Adversarial.Tool";

    /// <param name="verb">The verb.</param>
    /// <param name="arguments">What stands behind it.</param>
    public static (int ExitCode, string Output, string Errors) Run(string verb, params string[] arguments) => RunningProgram.Run(Project, [verb, .. arguments]);

    /// <summary>The same, and its end is the caller's affair.</summary>
    public static Process Start(string verb, params string[] arguments) => RunningProgram.Start(Project, [verb, .. arguments]);
}

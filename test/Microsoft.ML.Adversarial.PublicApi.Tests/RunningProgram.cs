using System.Diagnostics;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>A program of this repository, run as a user runs it: in a process of its own.</summary>
internal static class RunningProgram
{
    public static string Root { get; } = FindRoot();

    /// <param name="project">The project's folder, from the root of the repository.</param>
    /// <param name="arguments">What the command line says.</param>
    public static (int ExitCode, string Output, string Errors) Run(string project, params string[] arguments)
    {
        using var process = Start(project, arguments);
        return End(process);
    }

    /// <summary>Any program, whose output and errors are redirected.</summary>
    public static (int ExitCode, string Output, string Errors) Run(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        return End(process);
    }

    /// <summary>The same, and its end is the caller's affair.</summary>
    public static Process Start(string project, params string[] arguments)
    {
        // Not this process's own folder: a test that sets and deletes it may run beside this one, and MKL ends a process whose folder is gone.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        start.ArgumentList.Add(Path.Combine(FolderOf(project), Path.GetFileName(project) + ".dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Where the project was built: the same configuration and framework as this one.</summary>
    public static string FolderOf(string project)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, project, "bin", here.Parent!.Name, here.Name);
    }

    private static (int ExitCode, string Output, string Errors) End(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Adversarial.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds Adversarial.sln.");
    }
}

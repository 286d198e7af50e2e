using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What reading a file needs in a process of its own, which has read another one before: what the runtimes take for themselves is there then, and nothing that other benchmarks have left.</summary>
internal static class ImportMemory
{
    public const string Command = "import-memory";

    /// <summary>Above what the process held before, in bytes.</summary>
    public static long Peak(string other, string path)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Started as `dotnet Benchmarks.dll` the process is dotnet, and the program its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (var argument in (string[])[Command, other, path])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? long.Parse(said, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"Reading '{path}' in a process of its own failed: {errors.Result}");
    }

    /// <summary>In that process.</summary>
    public static void Measure(string other, string path)
    {
        Load(other);
        var held = Environment.WorkingSet;
        PeakMemory.Restart();
        Load(path);
        Console.WriteLine((PeakMemory.Bytes - held).ToString(CultureInfo.InvariantCulture));
    }

    public static void Load(string path) => new MLContext(seed: 1).Adversarial()
        .LoadNetwork(path, new NetworkFileOptions { ReadsChangedFiles = true, PixelNormalization = PixelNormalization.GreyLevels, OutputName = ImportBenchmark.Logits })
        .Dispose();
}

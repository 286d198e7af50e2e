using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

/// <summary>The tool as others get it: packed into a folder, installed from there, run with nothing in its environment. Half a gigabyte is packed: ADVERSARIAL_PACKING switches it on.</summary>
public sealed class ToolPackageTests : IDisposable
{
    private const string Id = "Microsoft.ML.Adversarial.Tool";

    private readonly string version = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{DateTime.UtcNow.Ticks}");
    private readonly string folder, feed;

    public ToolPackageTests()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ADVERSARIAL_PACKING") == "true", "Slow: set ADVERSARIAL_PACKING to true.");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The platform's name is that of Linux.");
        folder = Directory.CreateTempSubdirectory("tool-package-").FullName;
        feed = Path.Combine(folder, "feed");
        Succeed(Dotnet(RunningProgram.Root, "pack", "nuget", "-c", "Release", "-o", feed, $"-p:Version={version}"));
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"<configuration><packageSources><clear /><add key=\"packed\" value=\"{feed}\" /></packageSources></configuration>");
    }

    [Fact]
    public void Packed_and_installed_it_trains_tells_predicts_and_evaluates_with_an_empty_environment()
    {
        Assert.Equal(["DotnetTool", "DotnetToolRidPackage"], [Type(""), Type(".linux-x64")]);

        Succeed(Dotnet(folder, "tool", "install", Id, "--version", version, "--tool-path", Path.Combine(folder, "tools")));

        Succeed(Run("train", "--limit", "6", "--test-limit", "20", "--epochs", "1", "--steps", "1", "--eval-steps", "1"));
        Succeed(Run("verify", "output/model.zip", "output/model.onnx"));
        Succeed(Run("evaluate", "--attack", "pgd", "--limit", "10"));
        Assert.Equal(2, Run("evaluate", "--model", "output/model.onnx", "--attack", "pgd", "--limit", "10", "--minimum", "1", "--output", "gate").ExitCode);
        using var information = JsonDocument.Parse(Succeed(Run("info", "output/model.onnx", "--json")));
        Assert.StartsWith(Id[..^".Tool".Length], information.RootElement.GetProperty("producer").GetString(), StringComparison.Ordinal);
        Assert.Equal(100, Succeed(Run("predict", "output/letters/test/A")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.True(File.Exists(Path.Combine(folder, "elsewhere", "robustness", "report.html")));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Type(string platform)
    {
        using var package = ZipFile.OpenRead(Path.Combine(feed, $"{Id}{platform}.{version}.nupkg"));
        using var told = new StreamReader(package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
        return told.ReadToEnd().Split("<packageType name=\"")[1].Split('"')[0];
    }

    private static string Succeed((int ExitCode, string Output, string Errors) ended)
    {
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        return ended.Output;
    }

    private static (int ExitCode, string Output, string Errors) Dotnet(string directory, params string[] arguments) =>
        RunningProgram.Run(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory });

    private (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "tools", "adversarial"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName,
        };
        start.Environment.Clear();
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        return RunningProgram.Run(start);
    }
}

using System.Diagnostics;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

public class BackendTests
{
    private const string Library = "runtimes/linux-x64/native/libLibTorchSharp.so";

    internal static string PackageCache { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    [Fact]
    public void An_application_without_a_backend_is_told_which_packages_there_are()
    {
        var (exitCode, output, errors) = RunningProgram.Run("test/WithoutBackend");

        Assert.True(exitCode == 3, output + errors);
        Assert.Contains("libtorch-cpu-linux-x64", output, StringComparison.Ordinal);
        Assert.Contains("TorchSharp-cuda-windows", output, StringComparison.Ordinal);
        Assert.Contains("The loader said:", output, StringComparison.Ordinal);
    }

    /// <summary>
    /// Microsoft.ML.TorchSharp 0.23.1 was built for TorchSharp 0.102.7: of the networks behind its trainers, on 0.107 the text classifier has disposed of its own weights before it runs, and
    /// the object detector calls a method that is gone. Where a newer one gives scores, this test says so.
    /// </summary>
    [Fact]
    public void Beside_MLNETs_own_trainers_on_torch_the_library_works_and_there_is_one_torch()
    {
        var (exitCode, output, errors) = RunningProgram.Run("test/BesideTorchSharp");

        Assert.True(exitCode == 0, output + errors);
        Assert.Equal("8 images attacked, 1 libtorch, their classifier: Tensor invalid -- empty handle.", output.Trim());
    }

    [Fact]
    public void The_built_copy_of_torchsharp_asks_weakly_for_the_newest_libstdcxx()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has the entry.");

        var needs = VersionNeeds(AppContext.BaseDirectory);

        var entry = Assert.Single(needs, line => line.Contains("GLIBCXX_3.4.32", StringComparison.Ordinal));
        Assert.Contains("WEAK", entry, StringComparison.Ordinal);
        Assert.All(needs.Where(line => line.Contains("GLIBCXX_", StringComparison.Ordinal) && line != entry), line => Assert.DoesNotContain("WEAK", line, StringComparison.Ordinal));
    }

    [Fact]
    public void The_package_cache_is_left_as_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has the entry.");
        var cached = Assert.Single(Directory.GetDirectories(Path.Combine(PackageCache, "torchsharp")), folder => Path.GetFileName(folder) == "0.107.0");

        var entry = Assert.Single(VersionNeeds(cached), line => line.Contains("GLIBCXX_3.4.32", StringComparison.Ordinal));

        Assert.DoesNotContain("WEAK", entry, StringComparison.Ordinal);
    }

    /// <summary>What TorchSharp's native library below a folder asks of other libraries, line by line.</summary>
    internal static string[] VersionNeeds(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("readelf", ["--version-info", "--wide", Path.Combine(folder, Library)]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. output.Split('\n').SkipWhile(line => !line.Contains(".gnu.version_r", StringComparison.Ordinal))];
    }
}

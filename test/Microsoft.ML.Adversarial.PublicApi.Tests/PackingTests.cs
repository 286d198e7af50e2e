using System.Diagnostics;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>What `dotnet pack nuget` promises, tried on clones of the commit that is checked out. It compiles the library several times: ADVERSARIAL_PACKING switches it on.</summary>
public sealed class PackingTests : IDisposable
{
    private readonly string folder;

    public PackingTests()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ADVERSARIAL_PACKING") == "true", "Slow: set ADVERSARIAL_PACKING to true.");
        folder = Directory.CreateTempSubdirectory("packing-").FullName;
    }

    [Fact]
    public void Two_clones_of_a_commit_pack_the_same_bytes()
    {
        var (one, other) = (Clone("one"), Clone("other"));

        Assert.All([one, other], clone => Assert.True(Pack(clone, "nuget").ExitCode == 0));

        var packages = Directory.GetFiles(Path.Combine(one, "artifacts")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        // The library and its symbols, what scoring needs, the templates, the tool and its part for this platform.
        Assert.Equal(6, packages.Count);
        Assert.All(packages, name => Assert.Equal(File.ReadAllBytes(Path.Combine(one, "artifacts", name!)), File.ReadAllBytes(Path.Combine(other, "artifacts", name!))));
    }

    [Fact]
    public void A_version_that_lacks_what_its_baseline_had_is_refused_by_name()
    {
        var clone = Clone("clone");
        var baseline = Path.Combine(folder, "baseline");
        Assert.True(Pack(clone, "nuget", "-o", baseline).ExitCode == 0);
        string[] newer = ["-p:Version=0.2.0", "-p:PackageValidationBaselineVersion=0.1.0", $"-p:RestoreAdditionalProjectSources={baseline}", $"-p:RestorePackagesPath={Path.Combine(folder, "cache")}",
            $"-p:RestoreFallbackFolders={BackendTests.PackageCache}"];

        var kept = Pack(clone, "nuget", newer);
        var budget = Path.Combine(clone, "src/Microsoft.ML.Adversarial/Attacks/Budgets/Budget.cs");
        File.WriteAllText(budget, File.ReadAllText(budget).Replace("public static Budget L2(", "internal static Budget L2(", StringComparison.Ordinal));
        var broken = Pack(clone, "nuget", [.. newer, "-p:RunAnalyzers=false"]);

        Assert.True(kept.ExitCode == 0, kept.Output);
        Assert.NotEqual(0, broken.ExitCode);
        Assert.Contains("CP0002", broken.Output, StringComparison.Ordinal);
        Assert.Contains("Budget.L2(double)", broken.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Clone(string name)
    {
        var clone = Path.Combine(folder, name);
        Assert.Equal(0, Run("git", "clone", "--quiet", RunningProgram.Root, clone).ExitCode);
        return clone;
    }

    private static (int ExitCode, string Output) Pack(string clone, string project, params string[] arguments) =>
        Run("dotnet", ["pack", Path.Combine(clone, project), "-c", "Release", .. arguments]);

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        var (exitCode, output, errors) = RunningProgram.Run(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        return (exitCode, output + errors);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>
/// The packages in a folder feed, of what was built, and applications beside it that know nothing of this repository. The feed stands beside the sources that NuGet is configured with. The
/// version is new with every run, and the packages are unpacked into a cache of their own: the user's cache serves what else is needed, and never gets them.
/// </summary>
public sealed class PackedPackages : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("packages-").FullName;

    public PackedPackages()
    {
        Version = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{DateTime.UtcNow.Ticks}");
        Feed = Pack("feed");
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <config>
                <add key="globalPackagesFolder" value="{Path.Combine(folder, "cache")}" />
              </config>
              <packageSources>
                <add key="packed" value="{Feed}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="user" value="{BackendTests.PackageCache}" />
              </fallbackPackageFolders>
            </configuration>
            """);
    }

    public string Version { get; }

    public string Feed { get; }

    /// <summary>The version of libtorch that the build gives the samples.</summary>
    public static string LibTorchVersion { get; } =
        XDocument.Load(Path.Combine(RunningProgram.Root, "build/TorchVersions.props")).Descendants("AdversarialLibTorchVersion").Single().Value;

    /// <summary>Packs what was built, in the configuration of these tests.</summary>
    /// <returns>The folder with the packages.</returns>
    public string Pack(string name, params string[] properties)
    {
        var output = Path.Combine(folder, name);
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        foreach (var project in new[] { "src/Microsoft.ML.Adversarial", "nuget/Deployment", "nuget/Templates" })
            Succeed(RunningProgram.Root, ["pack", project, "-c", configuration, "--no-build", "-o", output, $"-p:Version={Version}", $"-p:NuspecOutputPath={output}/", .. properties]);
        return output;
    }

    /// <summary>An application of test/OutsideApplications in a new folder outside the repository.</summary>
    public string Copy(string application)
    {
        var copy = Path.Combine(folder, "applications", application + Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(Path.Combine(RunningProgram.Root, "test/OutsideApplications", application)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>Installs the templates of the feed, for these applications alone.</summary>
    public void InstallTemplates() =>
        Succeed(folder, ["new", "install", $"Microsoft.ML.Adversarial.Templates@{Version}", "--add-source", Feed, "--debug:custom-hive", Path.Combine(folder, "hive")]);

    /// <summary>Makes an application of an installed template, in a new folder outside the repository.</summary>
    /// <returns>The folder, which bears the application's name.</returns>
    public string Instantiate(string template, string name, params string[] arguments)
    {
        var application = Path.Combine(folder, "applications", Guid.NewGuid().ToString("n"), name);
        Succeed(folder, ["new", template, "-o", application, "--debug:custom-hive", Path.Combine(folder, "hive"), .. arguments]);
        return application;
    }

    /// <summary>Builds or publishes an application; a warning that is not expected is an error.</summary>
    /// <returns>What the build said.</returns>
    public string Dotnet(string application, string verb, params string[] arguments) =>
        Succeed(application, [verb, "-c", "Release", "-warnaserror", "-warnnotaserror:MLADV001", $"-p:PackedVersion={Version}", .. arguments]);

    /// <summary>Runs a published application in an empty folder, with nothing in its environment but where .NET is and where a bundle may unpack itself.</summary>
    public string[] Run(string application, params string[] arguments)
    {
        var (exitCode, output, errors) = TryToRun(application, arguments);
        Assert.True(exitCode == 0, output + errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The same, and it may fail.</summary>
    public (int ExitCode, string Output, string Errors) TryToRun(string application, params string[] arguments)
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName;
        var start = new ProcessStartInfo(application, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = elsewhere };
        start.Environment.Clear();
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        start.Environment["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(folder, "unpacked");
        return RunningProgram.Run(start);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Succeed(string directory, string[] arguments)
    {
        var (exitCode, output, errors) = RunningProgram.Run(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory });
        Assert.True(exitCode == 0, output + errors);
        return output;
    }
}

using System.Diagnostics;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>The package as an application elsewhere gets it.</summary>
public class PackageTests
{
    private const string Application = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <NoWarn>NU1603</NoWarn>
            <RestorePackagesPath>../packages</RestorePackagesPath>
            <RestoreFallbackFolders>CACHE</RestoreFallbackFolders>
            <RestoreAdditionalProjectSources>FEED</RestoreAdditionalProjectSources>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Microsoft.ML.Adversarial" Version="0.1.0" />
          </ItemGroup>
        </Project>
        """;

    [Fact]
    public void An_application_that_references_the_package_gets_the_library_and_a_relaxed_torchsharp()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the relaxing.");
        var folder = Directory.CreateTempSubdirectory("package-").FullName;
        try
        {
            var feed = Path.Combine(folder, "feed");
            var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            Dotnet("pack", Path.Combine(RunningProgram.Root, "src/Microsoft.ML.Adversarial"), "-c", configuration, "--no-build", "-o", feed);
            var application = Directory.CreateDirectory(Path.Combine(folder, "application")).FullName;
            var project = Application.Replace("FEED", feed, StringComparison.Ordinal).Replace("CACHE", BackendTests.PackageCache, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(application, "Application.csproj"), project);
            File.WriteAllText(Path.Combine(application, "Program.cs"), "System.Console.WriteLine(TorchSharp.torch.__version__);");

            Dotnet("build", application, "-c", "Release");

            var output = Path.Combine(application, "bin/Release/net10.0");
            Assert.True(File.Exists(Path.Combine(output, "Microsoft.ML.Adversarial.dll")));
            var entry = Assert.Single(BackendTests.VersionNeeds(output), line => line.Contains("GLIBCXX_3.4.32", StringComparison.Ordinal));
            Assert.Contains("WEAK", entry, StringComparison.Ordinal);
            Assert.DoesNotContain(Directory.GetFiles(output, "*", SearchOption.AllDirectories), file => file.Contains("libtorch_cpu", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Dotnet(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
    }
}

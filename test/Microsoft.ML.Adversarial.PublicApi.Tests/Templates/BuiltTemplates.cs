using System.Diagnostics;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Templates;

/// <summary>Both templates, installed, instantiated and built as a user does it, and the model that the one trained in the folder of the other. Nothing where ADVERSARIAL_PACKING does not ask for it.</summary>
public sealed class BuiltTemplates : IDisposable
{
    private readonly PackedPackages? packages;
    private readonly string folder = Directory.CreateTempSubdirectory("templates-").FullName;

    public BuiltTemplates()
    {
        if (!IsWanted)
            return;
        packages = new PackedPackages();
        packages.InstallTemplates();
        Console = packages.Instantiate("adversarial-console", "My-Training");
        Web = packages.Instantiate("adversarial-web", "My-Service");
        packages.Dotnet(Console, "build");
        packages.Dotnet(Web, "build");

        var (letters, _) = EmbeddedLetters.UnpackTo(Path.Combine(folder, "letters"));
        foreach (var letter in Directory.GetDirectories(letters).Order(StringComparer.Ordinal).Take(2))
        {
            var copies = Directory.CreateDirectory(Path.Combine(Images, Path.GetFileName(letter))).FullName;
            foreach (var file in Directory.GetFiles(letter, "*.png").Order(StringComparer.Ordinal).Take(10))
                File.Copy(file, Path.Combine(copies, Path.GetFileName(file)));
        }
        Training = Run(Console, Images, "--epochs", "2");
        Assert.True(Training.ExitCode == 0, Training.Output + Training.Errors);
        File.Copy(Path.Combine(Console, "model.zip"), Path.Combine(Web, "model.zip"));
    }

    public static bool IsWanted { get; } = Environment.GetEnvironmentVariable("ADVERSARIAL_PACKING") == "true" && OperatingSystem.IsLinux();

    /// <summary>The folders of the applications.</summary>
    public string Console { get; } = "";

    public string Web { get; } = "";

    /// <summary>Ten images of each of two letters.</summary>
    public string Images => Path.Combine(folder, "few");

    /// <summary>What the console application said of them.</summary>
    public (int ExitCode, string Output, string Errors) Training { get; }

    public string Instantiate(string template, params string[] arguments) => packages!.Instantiate(template, "Another", arguments);

    /// <summary>Runs a built application in its folder.</summary>
    public static (int ExitCode, string Output, string Errors) Run(string application, params string[] arguments) => RunningProgram.Run(Start(application, arguments));

    public static ProcessStartInfo Start(string application, params string[] arguments) => new(Path.Combine(application, "bin/Release/net10.0", Path.GetFileName(application)), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = application,
    };

    public void Dispose()
    {
        packages?.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}

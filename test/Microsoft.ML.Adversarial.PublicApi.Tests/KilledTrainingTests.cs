using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>Programs in processes that are really killed. ADVERSARIAL_KILLS sets how often; the default keeps the tests short.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private const string Sample = "src/Samples/TrainRobustClassifier", Unseeded = "test/UnseededTraining";

    private readonly string folder = Directory.CreateTempSubdirectory("killed-").FullName;

    private static int Kills { get; } = int.Parse(Environment.GetEnvironmentVariable("ADVERSARIAL_KILLS") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public void A_training_killed_at_random_moments_and_started_again_ends_with_the_model_of_an_undisturbed_one()
    {
        var (undisturbed, killed) = (Path.Combine(folder, "undisturbed"), Path.Combine(folder, "killed"));
        Finish(Sample, Arguments(undisturbed));

        KillOften(Sample, killed, Arguments(killed));
        Finish(Sample, Arguments(killed));

        Assert.Equal(Model(undisturbed), Model(killed));
        Assert.False(Directory.Exists(Path.Combine(killed, "checkpoints")));
    }

    /// <summary>Each process has a context that draws another seed. The undisturbed run is told the seed that the first of them drew.</summary>
    [Fact]
    public void A_killed_training_of_which_nobody_stated_the_seed_goes_on_with_the_one_that_it_drew()
    {
        var (undisturbed, killed) = (Path.Combine(folder, "undisturbed"), Path.Combine(folder, "killed"));

        KillOften(Unseeded, killed, [killed]);
        Finish(Unseeded, [killed]);
        Directory.CreateDirectory(undisturbed);
        Finish(Unseeded, [undisturbed, SeedIn(Path.Combine(killed, "checkpoints"))]);

        Assert.Equal(Model(undisturbed), Model(killed));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A checkpoint after every update: many kills meet one that is being written.</summary>
    private static string[] Arguments(string output) =>
        ["--limit", "12", "--epochs", "8", "--batch-size", "6", "--steps", "2", "--eval-steps", "1", "--checkpoint-minutes", "1e-8", "--output", output];

    private static byte[] Model(string output) => File.ReadAllBytes(Path.Combine(output, "model.onnx"));

    private static string SeedIn(string checkpoints)
    {
        using var zip = ZipFile.OpenRead(Directory.GetFiles(checkpoints, "*.zip").Order(StringComparer.Ordinal).Last());
        using var manifest = JsonDocument.Parse(zip.GetEntry("manifest.json")!.Open());
        return manifest.RootElement.GetProperty("Identity").GetProperty("seed").GetString()!;
    }

    private static void Finish(string program, string[] arguments)
    {
        var (exitCode, output, errors) = RunningProgram.Run(program, arguments);
        Assert.True(exitCode == 0, output + errors);
    }

    private static void KillOften(string program, string output, string[] arguments)
    {
        var random = new Random(1);
        var kills = 0;
        for (var attempt = 0; kills < Kills && attempt < 10 * Kills; attempt++)
            kills += RunAndKill(program, output, arguments, TimeSpan.FromSeconds(random.NextDouble() * 3)) ? 1 : 0;
        Assert.Equal(Kills, kills);
    }

    /// <returns>Whether the program was still at work when its time was over.</returns>
    private static bool RunAndKill(string program, string output, string[] arguments, TimeSpan time)
    {
        using var process = RunningProgram.Start(program, arguments);
        // From the first sign of life on: before it there is nothing to lose.
        var checkpoints = Path.Combine(output, "checkpoints");
        var started = Stopwatch.StartNew();
        while (!process.HasExited && !Directory.Exists(checkpoints) && started.Elapsed < TimeSpan.FromMinutes(1))
            Thread.Sleep(20);
        if (process.WaitForExit(time))
            return false;
        process.Kill();
        process.WaitForExit();
        return true;
    }
}

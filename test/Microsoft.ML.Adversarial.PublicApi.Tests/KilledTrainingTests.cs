using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>The sample in a process that is really killed. ADVERSARIAL_KILLS sets how often; the default keeps the tests short.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private const string Sample = "src/Samples/TrainRobustClassifier";

    private readonly string folder = Directory.CreateTempSubdirectory("killed-").FullName;

    private static int Kills { get; } = int.Parse(Environment.GetEnvironmentVariable("ADVERSARIAL_KILLS") ?? "3", CultureInfo.InvariantCulture);

    [Fact]
    public void A_training_killed_at_random_moments_and_started_again_ends_with_the_model_of_an_undisturbed_one()
    {
        var undisturbed = Path.Combine(folder, "undisturbed");
        var (exitCode, output, errors) = RunningProgram.Run(Sample, Arguments(undisturbed));
        Assert.True(exitCode == 0, output + errors);

        var killed = Path.Combine(folder, "killed");
        var random = new Random(1);
        var kills = 0;
        for (var attempt = 0; kills < Kills && attempt < 10 * Kills; attempt++)
            kills += RunAndKill(killed, TimeSpan.FromSeconds(random.NextDouble() * 3)) ? 1 : 0;
        (exitCode, output, errors) = RunningProgram.Run(Sample, Arguments(killed));

        Assert.True(exitCode == 0, output + errors);
        Assert.Equal(Kills, kills);
        Assert.Equal(File.ReadAllBytes(Path.Combine(undisturbed, "model.onnx")), File.ReadAllBytes(Path.Combine(killed, "model.onnx")));
        Assert.False(Directory.Exists(Path.Combine(killed, "checkpoints")));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A checkpoint after every update: many kills meet one that is being written.</summary>
    private static string[] Arguments(string output) =>
        ["--limit", "12", "--epochs", "8", "--batch-size", "6", "--steps", "2", "--eval-steps", "1", "--checkpoint-minutes", "1e-8", "--output", output];

    /// <returns>Whether the program was still at work when its time was over.</returns>
    private static bool RunAndKill(string output, TimeSpan time)
    {
        using var process = RunningProgram.Start(Sample, Arguments(output));
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

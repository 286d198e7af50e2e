using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>
/// The same work again and again in a process of its own, which says after each round what it holds. ADVERSARIAL_SOAK sets how many epochs the long training has, which is not run without it.
/// </summary>
public sealed class SoakTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("soak-").FullName;

    private static int Epochs { get; } = int.Parse(Environment.GetEnvironmentVariable("ADVERSARIAL_SOAK") ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Tensors of all threads: those of the threads that read ahead, too.</summary>
    [Theory]
    [InlineData("fit")]
    [InlineData("evaluate")]
    [InlineData("select a depth")]
    public void Work_done_again_leaves_no_tensor_more(string work)
    {
        var held = Run(work, rounds: 3);

        Assert.Equal([held[0].Tensors, held[0].Tensors], held.Skip(1).Select(round => round.Tensors));
    }

    [Fact]
    public void A_model_that_is_disposed_leaves_no_tensor_at_all() => Assert.Equal(0, Run("fit", rounds: 1).Single().Tensors);

    [Fact]
    public void A_long_training_holds_to_its_end_what_it_held_when_it_was_warm()
    {
        const double Slack = 1.05;
        Assert.SkipUnless(Epochs > 0, "Slow: set ADVERSARIAL_SOAK to a number of epochs, as 200.");

        var held = Run("train epochs", Epochs);

        var warm = held[Epochs / 4];
        Assert.All(held.Skip(Epochs / 4), epoch =>
        {
            Assert.Equal(warm.Tensors, epoch.Tensors);
            Assert.InRange(epoch.Files, 0, warm.Files * Slack);
            Assert.InRange(epoch.ResidentBytes, 0, warm.ResidentBytes * Slack);
        });
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private List<Held> Run(string work, int rounds)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Open files are counted in /proc.");
        var (exitCode, output, errors) = RunningProgram.Run("test/Soak", work, rounds.ToString(CultureInfo.InvariantCulture), folder);
        Assert.True(exitCode == 0, output + errors);
        List<Held> held = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<Held>(line)!)];
        Assert.Equal(rounds, held.Count);
        return held;
    }

    /// <summary>As the program writes it.</summary>
    private sealed record Held(long Tensors, int Files, long ResidentBytes);
}

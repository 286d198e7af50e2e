using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

public sealed class DepthCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("select-depth-").FullName;

    [Fact]
    public void It_ranks_the_depths_and_writes_everything()
    {
        var (exitCode, text, errors) = RunningTool.Run("depth", Arguments("whole"));

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("Best: ResNet-", text, StringComparison.Ordinal);
        Assert.Contains("on 1000 test images", text, StringComparison.Ordinal);
        Assert.Equal(["depth.png", "model.zip", "report.md"], Files("whole"));
        Assert.Contains("| 1 | **ResNet-", File.ReadAllText(Path.Combine(folder, "whole", "report.md")), StringComparison.Ordinal);
        Assert.NotNull(new MLContext().Model.Load(Path.Combine(folder, "whole", "model.zip"), out _));
        Assert.Equal(["letters"], Directory.GetDirectories(Path.Combine(folder, "whole")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_program_reads_every_network_with_its_cost_and_the_test_of_the_best()
    {
        var (exitCode, text, errors) = RunningTool.Run("depth", [.. Arguments("json"), "--json"]);

        Assert.True(exitCode == 0, text + errors);
        using var answer = JsonDocument.Parse(text);
        var networks = answer.RootElement.GetProperty("networks").EnumerateArray().ToList();
        Assert.Equal(["ResNet-14", "ResNet-8", "plain ResNet-14", "plain ResNet-8"], networks.Select(network => network.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
        Assert.Contains(networks, network => network.GetProperty("name").GetString() == answer.RootElement.GetProperty("best").GetString());
        Assert.All(networks, network => Assert.InRange(network.GetProperty("multiplyAdds").GetInt64(), 100_000, 10_000_000));
        Assert.Equal(1000, answer.RootElement.GetProperty("test").GetProperty("examples").GetInt32());
        Assert.True(answer.RootElement.GetProperty("isComplete").GetBoolean());
    }

    [Fact]
    public void A_search_that_is_killed_goes_on_and_ends_with_the_model_of_an_undisturbed_one()
    {
        Assert.Equal(0, RunningTool.Run("depth", Arguments("undisturbed")).ExitCode);
        KillAfterFirstCheckpoint("killed");

        var (exitCode, text, errors) = RunningTool.Run("depth", Arguments("killed"));

        Assert.True(exitCode == 0, text + errors);
        Assert.DoesNotContain("ResNet-8         epoch  1/2", text, StringComparison.Ordinal);
        Assert.Equal(Ranking("undisturbed"), Ranking("killed"));
    }

    [Theory]
    [InlineData("--minutes", "0", "--minutes is 0")]
    [InlineData("--depths", "8,9", "Depth is 9")]
    [InlineData("--depths", "deep", "--depths has 'deep' in it")]
    [InlineData("--epsilon", "0.03", "--epsilon 7.65")]
    [InlineData("--limit", "1", "--limit is 1; expected at least 2")]
    public void A_wrong_option_is_named(string option, string value, string expected)
    {
        var (exitCode, _, errors) = RunningTool.Run("depth", option, value, "--output", Path.Combine(folder, "wrong"));

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string[] Arguments(string output) =>
        ["--limit", "10", "--depths", "8,14", "--width", "4", "--epochs", "2", "--steps", "1", "--eval-steps", "1", "--output", Path.Combine(folder, output)];

    private IEnumerable<string?> Files(string output) => Directory.GetFiles(Path.Combine(folder, output)).Select(Path.GetFileName).Order();

    /// <summary>Network, accuracies and epochs of each row: what does not depend on the clock.</summary>
    private List<string> Ranking(string output) =>
    [
        .. File.ReadAllLines(Path.Combine(folder, output, "report.md"))
            .Where(line => line.Contains("ResNet-", StringComparison.Ordinal) && line.StartsWith('|'))
            .Select(line => string.Join('|', line.Split('|')[1..8])),
    ];

    private void KillAfterFirstCheckpoint(string output)
    {
        using var process = RunningTool.Start("depth", Arguments(output));
        var checkpoints = Path.Combine(folder, output, "checkpoints");
        var started = Stopwatch.StartNew();
        while (!process.HasExited && !(Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.zip", SearchOption.AllDirectories).Length > 0) && started.Elapsed < TimeSpan.FromMinutes(2))
            Thread.Sleep(10);
        Assert.False(process.HasExited, "the search ended before it could be killed");
        process.Kill();
        process.WaitForExit();
    }
}

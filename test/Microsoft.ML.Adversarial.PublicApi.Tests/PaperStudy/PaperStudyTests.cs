using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

public sealed class PaperStudyTests : IDisposable
{
    private const string Sample = "src/Samples/PaperStudy";

    private readonly string output = Path.Combine(Directory.CreateTempSubdirectory("paper-study-").FullName, "study");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(output)!, recursive: true);

    [Fact]
    public void The_study_runs_cells_writes_everything_and_takes_finished_cells_over()
    {
        var (exitCode, text, errors) = Run("--only", "adversarial,mixture-batch");

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("adversarial       seed 1  epoch  1/1", text, StringComparison.Ordinal);
        Assert.Contains("cell 2/2", text, StringComparison.Ordinal);
        Assert.Equal(["attack-length.png", "clean-ratio.png", "depth.png", "study.csv", "study.md"], Files(output).Where(name => !name.StartsWith('.')));
        Assert.Equal(["adversarial-seed1.json", "mixture-batch-seed1.json"], Files(Path.Combine(output, "cells")));
        using var mixture = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "cells", "mixture-batch-seed1.json")));
        Assert.Equal(["Adversarial", "Clean"], mixture.RootElement.GetProperty("domains").EnumerateArray().Select(domain => domain.GetProperty("domain").GetString()));
        Assert.Equal([1, 2], mixture.RootElement.GetProperty("domains")[0].GetProperty("attacks").EnumerateArray().Select(attack => attack.GetProperty("steps").GetInt32()));
        Assert.All(mixture.RootElement.GetProperty("domains").EnumerateArray(), domain => Assert.Equal(20, domain.GetProperty("examples").GetInt32()));
        var cells = Contents();

        (exitCode, text, errors) = Run("--only", "adversarial,mixture-batch");

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("mixture-batch     seed 1  taken over", text, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch  1/1", text, StringComparison.Ordinal);
        Assert.Equal(cells, Contents());

        (exitCode, _, errors) = Run("--only", "adversarial", "--batch-size", "10");

        Assert.Equal(1, exitCode);
        Assert.Contains("adversarial-seed1.json", errors, StringComparison.Ordinal);
        Assert.Contains("batchSize is 32 there and 10 here", errors, StringComparison.Ordinal);
        Assert.Equal(cells, Contents());
    }

    [Theory]
    [InlineData("--only", "grouped", "'grouped'", "mixture-batch-alp", "depth-*")]
    [InlineData("--depths", "8,13", "cell 'depth-13' cannot run", "Depth is 13", "6n + 2")]
    [InlineData("--depths", "8,x", "--depths has 'x'", "whole numbers")]
    [InlineData("--seeds", ",", "--seeds is ','", "commas")]
    [InlineData("--attack-steps", "0,10", "--attack-steps is 0", "at least 1")]
    [InlineData("--goal", "random", "--goal is 'random'", "random-target")]
    [InlineData("--epsilon", "0.03", "--epsilon is 0.03", "--epsilon 7.65")]
    [InlineData("--consistent-epochs", "2", "--consistent-epochs is 2", "from 1 to the 1 of --epochs")]
    [InlineData("--test-limit", "0", "--test-limit is 0", "at least 1")]
    [InlineData("--learning-rate", "0", "--learning-rate is 0", "above 0")]
    [InlineData("--test-images", "elsewhere", "--test-images", "--images")]
    [InlineData("--images", "nowhere", "nowhere", "expected a folder")]
    public void A_wrong_option_is_named_before_any_cell_runs(string option, string value, params string[] expected)
    {
        var (exitCode, text, errors) = Run(option, value);

        Assert.Equal(1, exitCode);
        Assert.All(expected, part => Assert.Contains(part, errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch  1/1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_fits_no_cell_is_told_before_any_cell_runs()
    {
        var (exitCode, _, errors) = Run("--only", "group", "--width", "14");

        Assert.Equal(1, exitCode);
        Assert.Contains("cell 'group' cannot run", errors, StringComparison.Ordinal);
        Assert.Contains("3 groups, which do not divide the 14 channels", errors, StringComparison.Ordinal);
        Assert.Empty(Files(Path.Combine(output, "cells")));
    }

    private (int ExitCode, string Output, string Errors) Run(params string[] more)
    {
        Dictionary<string, string> options = new()
        {
            ["--limit"] = "4",
            ["--test-limit"] = "20",
            ["--width"] = "8",
            ["--epochs"] = "1",
            ["--steps"] = "1",
            ["--attack-steps"] = "1,2",
            ["--batch-size"] = "32",
            ["--output"] = output,
        };
        for (var i = 0; i < more.Length; i += 2)
            options[more[i]] = more[i + 1];
        return RunningProgram.Run(Sample, [.. options.SelectMany(option => (string[])[option.Key, option.Value]).Prepend("--quick")]);
    }

    private static IEnumerable<string> Files(string folder) => Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private string[] Contents() => [.. Directory.GetFiles(Path.Combine(output, "cells")).Order(StringComparer.Ordinal).Select(File.ReadAllText)];
}

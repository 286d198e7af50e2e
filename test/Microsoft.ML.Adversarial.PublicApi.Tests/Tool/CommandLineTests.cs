using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

/// <summary>What all verbs have in common.</summary>
public sealed class CommandLineTests(DeployedLetters letters)
{
    private static readonly string[] Verbs = ["depth", "evaluate", "info", "predict", "train", "verify"];

    [Fact]
    public void The_help_names_every_verb_and_that_of_a_verb_every_option_with_json_among_them()
    {
        var (exitCode, text, _) = RunningTool.Run("--help");

        Assert.Equal(0, exitCode);
        Assert.All(Verbs, verb => Assert.Matches($"(?m)^  {verb} ", text));
        Assert.Contains("--json", RunningTool.Run("verify", "--help").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verb_that_there_is_not_is_named_with_one_that_there_is()
    {
        var (exitCode, text, errors) = RunningTool.Run("predct");

        Assert.Equal(1, exitCode);
        Assert.Contains("'predct' was not matched. Did you mean one of the following?\npredict", (text + errors).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[suggest]", "", "evaluate")]
    [InlineData("[suggest:10]", "train --le", "--learning-rate")]
    [InlineData("[suggest:31]", "evaluate --search-precision BFl", "BFloat16")]
    public void A_shell_is_told_how_a_line_may_go_on(string directive, string line, string expected)
    {
        var (exitCode, text, errors) = RunningTool.Run(directive, line);

        Assert.True(exitCode == 0, errors);
        Assert.Contains(expected, text.Split('\n', StringSplitOptions.TrimEntries));
    }

    [Fact]
    public void A_closed_gate_tells_a_program_why_and_where_the_report_is()
    {
        var output = Path.Combine(letters.Folder, "gate");

        var (exitCode, text, errors) = RunningTool.Run("evaluate", "--model", letters.Zip, "--attack", "pgd", "--epsilon", "60", "--limit", "10", "--minimum", "0.95", "--output", output, "--json");

        Assert.True(exitCode == 2, text + errors);
        Assert.Contains("The gate is closed", errors, StringComparison.Ordinal);
        using var answer = JsonDocument.Parse(text);
        Assert.False(answer.RootElement.GetProperty("gate").GetProperty("isOpen").GetBoolean());
        Assert.Single(answer.RootElement.GetProperty("gate").GetProperty("failures").EnumerateArray());
        Assert.Equal(10, answer.RootElement.GetProperty("evaluation").GetProperty("examples").GetInt32());
        Assert.All(answer.RootElement.GetProperty("files").EnumerateArray(), file => Assert.True(File.Exists(file.GetString())));
    }

    [Fact]
    public void A_program_reads_an_error_as_json_too()
    {
        var (exitCode, text, errors) = RunningTool.Run("depth", "--minutes", "0", "--output", Path.Combine(letters.Folder, "depth"), "--json");

        Assert.Equal(1, exitCode);
        using var answer = JsonDocument.Parse(text);
        Assert.Contains("--minutes is 0", answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("Error: --minutes is 0", errors, StringComparison.Ordinal);
    }
}

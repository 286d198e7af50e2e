namespace Microsoft.ML.Adversarial.PublicApi.Tests;

public sealed class FineTuneRobustlyTests(DeployedLetters letters)
{
    private const string Sample = "src/Samples/FineTuneRobustly";

    [Fact]
    public void A_network_of_a_file_is_attacked_trained_and_written_for_both_domains()
    {
        var output = Path.Combine(letters.Folder, "fine-tuned");

        var (exitCode, text, errors) = RunningProgram.Run(
            Sample, "--model", letters.Onnx, "--limit", "6", "--test-limit", "20", "--epochs", "1", "--batch-size", "16", "--steps", "1", "--eval-steps", "2", "--learning-rate", "0.01", "--mixture", "--output", output);

        Assert.True(exitCode == 0, text + errors);
        Assert.All((string[])["as it came", "adversarial domain", "clean domain"], row => Assert.Contains(row, text, StringComparison.Ordinal));
        var ml = new MLContext(seed: 1);
        Assert.NotNull(ml.Model.Load(Path.Combine(output, "model.zip"), out _));
        foreach (var (file, domain) in new[] { ("model.onnx", ImageDomain.Adversarial), ("model-clean.onnx", ImageDomain.Clean) })
        {
            using var network = ml.Adversarial().LoadNetwork(Path.Combine(output, file));
            Assert.Equal(domain, network.Domain);
            Assert.Equal(10, network.ClassNames.Count);
        }
    }

    [Fact]
    public void What_is_no_network_is_named_with_what_was_expected()
    {
        var text = Path.Combine(letters.Folder, "text.onnx");
        File.WriteAllText(text, "no network");

        var (exitCode, _, errors) = RunningProgram.Run(Sample, "--model", text, "--output", Path.Combine(letters.Folder, "none"));
        var missing = RunningProgram.Run(Sample, "--model", "nowhere.onnx", "--output", Path.Combine(letters.Folder, "none"));
        var wrong = RunningProgram.Run(Sample, "--model", letters.Onnx, "--mean", "half", "--output", Path.Combine(letters.Folder, "none"));

        Assert.Equal((1, 1, 1), (exitCode, missing.ExitCode, wrong.ExitCode));
        Assert.Contains("text.onnx' is no ONNX model", errors, StringComparison.Ordinal);
        Assert.Contains("nowhere.onnx", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("--mean has 'half' in it; expected numbers", wrong.Errors, StringComparison.Ordinal);
    }
}

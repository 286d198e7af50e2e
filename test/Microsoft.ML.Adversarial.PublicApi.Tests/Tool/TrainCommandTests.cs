using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

public sealed class TrainCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("train-command-").FullName;

    [Fact]
    public void It_writes_both_models_and_a_report_of_what_they_withstand()
    {
        var (exitCode, text, errors) = RunningTool.Run("train", Arguments("output"));

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("epoch  1/1", text, StringComparison.Ordinal);
        Assert.Equal(["model.onnx", "model.zip", "report.json"], Files("output"));
        Assert.Equal(["letters"], Directory.GetDirectories(Path.Combine(folder, "output")).Select(Path.GetFileName));
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "output", "report.json")));
        Assert.All((string[])["clean", "robust"], name =>
        {
            var accuracy = report.RootElement.GetProperty(name);
            Assert.Equal(40, accuracy.GetProperty("examples").GetInt32());
            Assert.InRange(accuracy.GetProperty("accuracy").GetDouble(), accuracy.GetProperty("lower").GetDouble(), accuracy.GetProperty("upper").GetDouble());
        });
        Assert.Equal(60, report.RootElement.GetProperty("training").GetProperty("images").GetInt32());
        var ml = new MLContext();
        Assert.NotNull(ml.Model.Load(Path.Combine(folder, "output", "model.zip"), out _));
        Assert.Equal(VerifiedFileKind.Onnx, ml.Adversarial().Verify(Path.Combine(folder, "output", "model.onnx")).Kind);
    }

    [Theory]
    [InlineData("trades", "TRADES against PGD-1 (L-inf 12/255")]
    [InlineData("free", "free adversarial training within L-inf 12/255, 1 replays")]
    public void It_trains_by_the_method_that_is_named(string method, string described)
    {
        var (exitCode, text, errors) = RunningTool.Run("train", [.. Arguments("by-method"), "--method", method]);

        Assert.True(exitCode == 0, text + errors);
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "by-method", "report.json")));
        Assert.StartsWith(described, report.RootElement.GetProperty("training").GetProperty("method").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("madry", false, "--method is 'madry'; expected one of plain, pgd, fgsm, fast, fast-aligned, free, trades, mart, awp, trades-awp.")]
    [InlineData("free", true, "--method is 'free', which trains on Adversarial images alone, and every image is to enter clean and attacked;")]
    public void A_method_that_there_is_not_or_that_does_not_fit_is_refused_by_name(string method, bool mixture, string message)
    {
        var (exitCode, _, errors) = RunningTool.Run("train", [.. Arguments("refused"), "--method", method, .. mixture ? (string[])["--mixture"] : []]);

        Assert.Equal(1, exitCode);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void As_json_the_report_is_all_of_the_output_and_the_rest_is_told_beside_it()
    {
        var (exitCode, text, errors) = RunningTool.Run("train", [.. Arguments("json"), "--json"]);

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("epoch  1/1", errors, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "json", "report.json")), text.TrimEnd());
    }

    [Fact]
    public void A_mixture_is_measured_and_exported_for_both_domains_and_starts_from_a_file_where_one_is_named()
    {
        Assert.Equal(0, RunningTool.Run("train", Arguments("first")).ExitCode);

        var (exitCode, text, errors) = RunningTool.Run("train", [.. Arguments("second"), "--backbone", Path.Combine(folder, "first", "model.onnx"), "--mixture", "--learning-rate", "0.001"]);

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("model.onnx, 1 epochs", text, StringComparison.Ordinal);
        Assert.Equal(["model-clean.onnx", "model.onnx", "model.zip", "report.json"], Files("second"));
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "second", "report.json")));
        Assert.Equal(["Adversarial", "Clean"], report.RootElement.GetProperty("evaluations").EnumerateObject().Select(domain => domain.Name));
        using var clean = new MLContext().Adversarial().LoadNetwork(Path.Combine(folder, "second", "model-clean.onnx"));
        Assert.Equal(ImageDomain.Clean, clean.Domain);
    }

    /// <summary>The signal of Ctrl+C; a checkpoint is written before the end.</summary>
    [Fact]
    public void Stopped_by_control_c_it_says_how_to_go_on_and_ends_with_the_model_of_an_undisturbed_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The signal is sent by kill.");
        Assert.Equal(0, RunningTool.Run("train", Longer("undisturbed")).ExitCode);

        var (exitCode, text) = Interrupt("stopped");

        Assert.Equal(130, exitCode);
        Assert.Contains("Stopped. What was trained is kept; the same command goes on from there.", text, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder, "stopped", "checkpoints"), "*.zip"));
        var again = RunningTool.Run("train", Longer("stopped"));
        Assert.True(again.ExitCode == 0, again.Output + again.Errors);
        Assert.Contains("It goes on from the checkpoint", again.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "undisturbed", "model.onnx")), File.ReadAllBytes(Path.Combine(folder, "stopped", "model.onnx")));
    }

    [Theory]
    [InlineData("--images nowhere", "There is no folder 'nowhere'")]
    [InlineData("--epsilon 0.03", "--epsilon 7.65")]
    [InlineData("--depth 9", "Depth is 9")]
    [InlineData("--checkpoint-minutes 0", "--checkpoint-minutes is 0")]
    [InlineData("--backbone nowhere.onnx", "--backbone: there is no file")]
    [InlineData("--mean 0.5", "expected --backbone with it")]
    [InlineData("--backbone a.onnx --depth 8", "--depth and --width are those of a residual network")]
    [InlineData("--test-images nowhere", "--test-images is given without --images")]
    public void A_wrong_option_is_named(string options, string expected)
    {
        var (exitCode, _, errors) = RunningTool.Run("train", [.. Arguments("wrong"), .. options.Split(' ')]);

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void One_class_only_and_a_file_that_is_no_image_are_named()
    {
        var one = Directory.CreateDirectory(Path.Combine(folder, "one", "A")).Parent!.FullName;
        var refused = RunningTool.Run("train", "--images", one, "--output", Path.Combine(folder, "none"));
        foreach (var name in (string[])["A", "B"])
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(one, name)).FullName, "broken.jpg"), "no image");
        var broken = RunningTool.Run("train", "--images", one, "--output", Path.Combine(folder, "none"), "--json");

        Assert.Equal((1, 1), (refused.ExitCode, broken.ExitCode));
        Assert.Contains("has one class only, 'A'; expected at least two", refused.Errors, StringComparison.Ordinal);
        using var answer = JsonDocument.Parse(broken.Output);
        Assert.Contains("broken.jpg' (8 bytes) is not a readable image", answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string[] Longer(string output) => Arguments(output, limit: 30, epochs: 3);

    private string[] Arguments(string output, int limit = 6, int epochs = 1) =>
        ["--limit", $"{limit}", "--test-limit", "40", "--epochs", $"{epochs}", "--batch-size", "10", "--steps", "1", "--eval-steps", "1", "--output", Path.Combine(folder, output)];

    private IEnumerable<string?> Files(string output) => Directory.GetFiles(Path.Combine(folder, output)).Select(Path.GetFileName).Order();

    /// <summary>From the first sign of life on.</summary>
    private (int ExitCode, string Output) Interrupt(string output)
    {
        using var process = RunningTool.Start("train", [.. Longer(output), "--checkpoint-minutes", "1e-8"]);
        var text = process.StandardOutput.ReadToEndAsync();
        process.BeginErrorReadLine();
        var checkpoints = Path.Combine(folder, output, "checkpoints");
        while (!process.HasExited && !(Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.zip").Length > 0))
            Thread.Sleep(10);
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            kill.WaitForExit();
        process.WaitForExit();
        return (process.ExitCode, text.Result);
    }
}

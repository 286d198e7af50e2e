using System.Text.Json;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

public sealed class TrainRobustClassifierTests : IDisposable
{
    private const string Sample = "src/Samples/TrainRobustClassifier";

    private readonly string folder, pictures;

    public TrainRobustClassifierTests()
    {
        folder = Directory.CreateTempSubdirectory("train-sample-").FullName;
        pictures = Directory.CreateDirectory(Path.Combine(folder, "pictures")).FullName;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_sample_trains_compares_and_writes_everything()
    {
        var output = Path.Combine(folder, "output");

        var (exitCode, text, errors) = RunningProgram.Run(Sample, "--limit", "10", "--width", "4", "--epochs", "1", "--steps", "1", "--eval-steps", "1", "--output", output);

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("epoch  1/1", text, StringComparison.Ordinal);
        Assert.Contains("robust", text, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "report.json")));
        var models = report.RootElement.GetProperty("models").EnumerateArray().ToList();
        Assert.Equal(["robust", "plain"], models.Select(model => model.GetProperty("name").GetString()));
        Assert.All(models, model =>
        {
            Assert.InRange(model.GetProperty("clean").GetDouble(), 0, 1);
            var attack = Assert.Single(model.GetProperty("attacks").EnumerateArray());
            Assert.Equal("PGD-1", attack.GetProperty("name").GetString());
            Assert.InRange(attack.GetProperty("accuracy").GetDouble(), 0, 1);
            Assert.Equal(1000, attack.GetProperty("examples").GetInt32());
        });
        Assert.Equal(["attacked-images.png", "model.onnx", "model.zip", "plain.onnx", "report.json"], Directory.GetFiles(output).Select(Path.GetFileName).Order());
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path.Combine(output, "attacked-images.png"))[..4]);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named() => Refuses("no-such-folder", "no-such-folder", "one folder of images for each class");

    [Fact]
    public void An_empty_folder_is_named() => Refuses(pictures, pictures, "has no folders in it");

    [Fact]
    public void One_class_only_is_named()
    {
        Letters("A");

        Refuses(pictures, "one class only, 'A'", "at least two");
    }

    [Fact]
    public void A_class_without_an_image_is_named()
    {
        Letters("A");
        Directory.CreateDirectory(Path.Combine(pictures, "B"));

        Refuses(pictures, Path.Combine(pictures, "B"), "has no image");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    public void A_damaged_image_is_named(int bytesLeft)
    {
        Letters("A", "B");
        var damaged = Directory.GetFiles(Path.Combine(pictures, "B"))[0];
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..bytesLeft]);

        Refuses(pictures, damaged, $"{bytesLeft} bytes", "not a readable image");
    }

    [Theory]
    [InlineData("--epsilon", "300", "--epsilon is 300", "255")]
    [InlineData("--epsilon", "-1", "--epsilon is -1", "255")]
    [InlineData("--epsilon", "0.03", "grey levels", "--epsilon 7.65")]
    [InlineData("--depth", "13", "Depth is 13", "6n + 2")]
    [InlineData("--limit", "0", "--limit is 0", "at least 1")]
    [InlineData("--epochs", "0", "Epochs", "from 1")]
    [InlineData("--images", "nowhere", "nowhere", "expected a folder")]
    public void A_wrong_option_is_named(string option, string value, params string[] expected)
    {
        var (exitCode, _, errors) = RunningProgram.Run(Sample, option, value, "--width", "4", "--output", Path.Combine(folder, "output"));

        Assert.Equal(1, exitCode);
        Assert.All(expected, part => Assert.Contains(part, errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_is_a_file_is_refused_before_any_training()
    {
        var file = Path.Combine(folder, "output");
        File.WriteAllText(file, "");

        var (exitCode, text, errors) = RunningProgram.Run(Sample, "--output", file);

        Assert.Equal(1, exitCode);
        Assert.Contains("expected a folder", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_too_small_to_hold_some_back_is_named()
    {
        Letters("A", "B");
        foreach (var file in Directory.GetFiles(Path.Combine(pictures, "B")).Skip(1))
            File.Delete(file);

        Refuses(pictures, "Class 'B' has one image");
    }

    [Fact]
    public void A_folder_of_the_users_own_is_never_replaced_by_the_letters()
    {
        var precious = Directory.CreateDirectory(Path.Combine(folder, "output", "letters")).FullName;
        File.WriteAllText(Path.Combine(precious, "mine.txt"), "mine");

        var (exitCode, _, errors) = RunningProgram.Run(Sample, "--output", Path.Combine(folder, "output"));

        Assert.Equal(1, exitCode);
        Assert.Contains(precious, errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(precious, "mine.txt")));
    }

    private void Refuses(string images, params string[] expected)
    {
        var (exitCode, _, errors) = RunningProgram.Run(Sample, "--images", images, "--output", Path.Combine(folder, "output"));

        Assert.Equal(1, exitCode);
        Assert.All(expected, part => Assert.Contains(part, errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    /// <summary>A few embedded letters of some classes, copied to the pictures.</summary>
    private void Letters(params string[] classes)
    {
        var source = Directory.CreateTempSubdirectory("letters-").FullName;
        var (training, _) = EmbeddedLetters.UnpackTo(Path.Combine(source, "unpacked"));
        foreach (var name in classes)
        {
            Directory.CreateDirectory(Path.Combine(pictures, name));
            foreach (var file in Directory.GetFiles(Path.Combine(training, name)).Order().Take(3))
                File.Copy(file, Path.Combine(pictures, name, Path.GetFileName(file)));
        }
        Directory.Delete(source, recursive: true);
    }
}

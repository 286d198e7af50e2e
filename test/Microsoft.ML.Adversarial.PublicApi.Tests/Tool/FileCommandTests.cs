using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

/// <summary><c>verify</c> and <c>info</c>: what they say of files, and what they refuse.</summary>
public sealed class FileCommandTests(DeployedLetters letters) : IClassFixture<DeployedLetters>
{
    [Fact]
    public void Files_as_they_were_written_fit_and_are_called_what_they_are()
    {
        var (exitCode, text, errors) = RunningTool.Run("verify", letters.Zip, letters.Onnx);

        Assert.True(exitCode == 0, text + errors);
        Assert.Matches($"fits  {letters.Zip}: Model, written by version [0-9.]+, SHA-256 [0-9a-f]{{64}}", text);
        Assert.Matches($"fits  {letters.Onnx}: Onnx, written by version [0-9.]+, SHA-256 [0-9a-f]{{64}}", text);
    }

    [Fact]
    public void A_file_that_does_not_fit_is_exit_code_1_and_the_others_are_told_all_the_same()
    {
        var (exitCode, text, errors) = RunningTool.Run("verify", letters.Onnx, Changed(), "nothing.zip", "--json");

        Assert.Equal(1, exitCode);
        using var answer = JsonDocument.Parse(text);
        var files = answer.RootElement.GetProperty("files").EnumerateArray().ToList();
        Assert.Equal([true, false, false], files.Select(file => file.GetProperty("fits").GetBoolean()));
        Assert.Contains("is damaged", files[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("There is no file 'nothing.zip'", files[2].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("does not fit", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_files_of_a_model_are_told_to_hold_the_same_network()
    {
        var (zip, onnx) = (Information(letters.Zip), Information(letters.Onnx));

        Assert.Equal("Model", zip.GetProperty("kind").GetString());
        Assert.Equal("Onnx", onnx.GetProperty("kind").GetString());
        Assert.All((string[])["layers", "parameters", "multiplyAdds", "numbers", "classes", "images", "pixels", "column", "domain"],
            name => Assert.Equal(zip.GetProperty(name).GetRawText(), onnx.GetProperty(name).GetRawText()));
        // Eight layers on the longest path, and two shortcuts.
        Assert.Equal(10, onnx.GetProperty("layers").GetInt32());
        Assert.Equal(["A", "B", "C"], onnx.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!).Take(3));
        Assert.Equal((1, 32, "Planar"), (onnx.GetProperty("images").GetProperty("channels").GetInt32(), onnx.GetProperty("images").GetProperty("width").GetInt32(), onnx.GetProperty("pixels").GetProperty("layout").GetString()));

        static JsonElement Information(string path)
        {
            var (exitCode, text, errors) = RunningTool.Run("info", path, "--json");
            Assert.True(exitCode == 0, text + errors);
            return JsonDocument.Parse(text).RootElement;
        }
    }

    [Fact]
    public void A_person_reads_of_the_network_the_classes_the_images_and_the_hash()
    {
        var (exitCode, text, errors) = RunningTool.Run("info", letters.Zip);

        Assert.True(exitCode == 0, text + errors);
        Assert.Matches("kind +ML.NET model with a classifier of this library", text);
        Assert.Matches("SHA-256 +[0-9a-f]{64}, carried by the file, and fits", text);
        Assert.Matches("layers +10 convolutions and products with weights", text);
        Assert.Matches("numbers +float32; computed in float32", text);
        Assert.Matches("classes +10: A, B, C, D, E, F, G, H, I, J", text);
        Assert.Matches("images +1 x 32 x 32", text);
        Assert.Matches("pixels +0..255, Planar", text);
    }

    [Theory]
    [InlineData("changed", "is damaged: the hash of its content")]
    [InlineData("text", "is no ONNX model")]
    [InlineData("nothing", "There is no file")]
    public void Of_a_file_that_is_not_what_it_should_be_nothing_is_told_but_that(string file, string expected)
    {
        var text = Path.Combine(letters.Folder, "text.zip");
        File.WriteAllText(text, "no network");

        var (exitCode, output, errors) = RunningTool.Run("info", file switch { "changed" => Changed(), "text" => text, _ => file });

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private string Changed()
    {
        var path = Path.Combine(letters.Folder, "changed.onnx");
        var bytes = File.ReadAllBytes(letters.Onnx);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        return path;
    }
}

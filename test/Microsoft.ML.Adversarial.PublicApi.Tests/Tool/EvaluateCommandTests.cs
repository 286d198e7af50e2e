using System.Text.RegularExpressions;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

public sealed partial class EvaluateCommandTests(DeployedLetters letters)
{
    [Fact]
    public void It_reports_and_lets_a_model_through_that_is_good_enough()
    {
        var output = Output("open");

        var (exitCode, text, errors) = RunningTool.Run("evaluate", "--model", letters.Zip, "--attack", "pgd", "--epsilon", "1", "--limit", "40", "--minimum", "0.01", "--output", output);

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("The gate is open", text, StringComparison.Ordinal);
        Assert.Contains("FewExamples: 40 examples", text, StringComparison.Ordinal);
        Assert.Equal(["attacked-images.png", "images.csv", "report.html", "report.json"], Directory.GetFiles(output).Select(Path.GetFileName).Order());
        var table = File.ReadAllLines(Path.Combine(output, "images.csv"));
        Assert.Equal("File,Label,PredictedClean,ConfidenceClean,CorrectClean,PredictedAttacked,ConfidenceAttacked,CorrectAttacked", table[0]);
        Assert.Equal(40, table.Length - 1);
        Assert.All(table[1..], line => Assert.Matches(@"^[^,]+\.png,(?<label>[A-Z]),((?<right>\k<label>)|(?!\k<label>)[A-Z]),(0\.\d+|1),(?(right)1|0),((?<kept>\k<label>)|(?!\k<label>)[A-Z]),(0\.\d+|1),(?(kept)1|0)$", line));
        var page = File.ReadAllText(Path.Combine(output, "report.html"));
        Assert.Contains("images withstand PGD-50 within L-inf 1/255", page, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(page, "<svg class=\"plot\""));
        // A page that needs nothing beside it names no other file and no other place.
        Assert.DoesNotContain("http", page.Replace("charset", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.All(Regex.Matches(page, "(src|href)=\"[^\"]{0,30}").Select(match => match.Value), reference => Assert.StartsWith("src=\"data:image/png;base64,", reference, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_has_a_row_for_each_class_sorted_as_it_says_and_a_card_for_each_image()
    {
        var output = Output("page");

        var (exitCode, text, errors) = RunningTool.Run("evaluate", "--model", letters.Zip, "--attack", "pgd", "--epsilon", "12", "--limit", "60", "--output", output);

        Assert.True(exitCode == 0, text + errors);
        var page = File.ReadAllText(Path.Combine(output, "report.html"));
        var table = File.ReadAllLines(Path.Combine(output, "images.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        // Columns of images.csv: 1 the label, 4 and 7 whether it is right clean and attacked.
        var expected = table.GroupBy(row => row[1]).Select(group => (Name: group.Key, Images: group.Count(), Attacked: group.Average(row => int.Parse(row[7])), Clean: group.Average(row => int.Parse(row[4]))))
            .OrderByDescending(one => one.Attacked).ThenByDescending(one => one.Clean).ThenBy(one => one.Name, StringComparer.Ordinal).ToList();
        var rows = ClassRow().Matches(page).Select(match => (match.Groups["name"].Value, match.Groups["images"].Value, match.Groups["clean"].Value, match.Groups["attacked"].Value));
        Assert.Equal(expected.Select(one => (one.Name, $"{one.Images}", Percent(one.Clean), Percent(one.Attacked))), rows);
        // Otherwise any order would do, and no bar be empty.
        Assert.True(expected.Select(one => (one.Attacked, one.Clean)).Distinct().Count() > 2, string.Join(", ", expected));
        Assert.Contains("0 %", rows.Select(row => row.Item4));
        var broken = table.Count(row => row[4] == "1" && row[7] == "0");
        Assert.True(broken > 0, "nothing was broken");
        Assert.Equal((60, broken), (Regex.Count(page, "<li class=\"card\""), Regex.Count(page, "data-outcome=\"Broken\"")));
        Assert.All(Regex.Matches(page, "<img [^>]{0,200}").Select(match => match.Value), image => Assert.Matches("alt=\"[^\"]{10,}\"", image));
        Assert.Contains("Confusion matrix of 10 classes", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_gate_is_exit_code_2_and_the_report_is_there_all_the_same()
    {
        var output = Output("closed");

        var (exitCode, text, errors) = RunningTool.Run("evaluate", "--model", letters.Onnx, "--attack", "square", "--epsilon", "60", "--limit", "10", "--minimum", "0.95", "--output", output);

        Assert.True(exitCode == 2, text + errors);
        Assert.Contains("The gate is closed. The accuracy under Square", Regex.Replace(text, "\\s+", " "), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(output, "report.html")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Images_of_some_of_the_models_classes_will_do_and_those_of_another_class_are_named(bool isZip)
    {
        var model = isZip ? letters.Zip : letters.Onnx;
        var (some, strange) = (Classes("some", ("A", "A"), ("C", "C")), Classes("strange", ("A", "A"), ("C", "Zebra")));

        var (exitCode, text, errors) = RunningTool.Run("evaluate", "--model", model, "--images", some, "--attack", "pgd", "--output", Output("some-classes"));
        var refused = RunningTool.Run("evaluate", "--model", model, "--images", strange, "--attack", "pgd", "--output", Output("strange-classes"));

        Assert.True(exitCode == 0, text + errors);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("class 'Zebra', which the model does not know; expected folders among A, B, C", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_a_column_a_size_a_range_and_a_layout_of_its_own_is_reported_from_both_files()
    {
        var ml = new MLContext(seed: 1);
        var (images, _) = TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 8, seed: 1, Path.Combine(letters.Folder, "letters"));
        var small = images with { Width = 24, Height = 24 };
        using var model = ImagePreparation.Create(ml, small, pixels: new PixelColumn { Name = "Pixels", IsInterleaved = true, Minimum = -1, Maximum = 1 })
            .Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
            {
                Backbone = new ResNet(8) { Width = 4 },
                Epochs = 1,
                FeatureColumnName = "Pixels",
                PixelRange = PixelRange.Signed,
                Method = new PlainTraining(),
            })).Fit(images.AsView(ml));
        var (zip, onnx) = (Path.Combine(letters.Folder, "own.zip"), Path.Combine(letters.Folder, "own.onnx"));
        ml.Model.Save(model, images.AsView(ml).Schema, zip);
        model.LastTransformer.ExportOnnx(onnx);

        foreach (var path in (string[])[zip, onnx])
        {
            var output = Output("report of " + Path.GetFileName(path));
            var (exitCode, text, errors) = RunningTool.Run("evaluate", "--model", path, "--attack", "pgd", "--epsilon", "60", "--limit", "100", "--output", output);
            Assert.True(exitCode == 0, text + errors);
            Assert.Contains("wrote ", text, StringComparison.Ordinal);
        }
        Assert.Equal(Numbers("report of own.zip"), Numbers("report of own.onnx"));
    }

    [Fact]
    public void An_evaluation_that_is_killed_goes_on_and_ends_with_the_numbers_of_an_undisturbed_one()
    {
        Assert.Equal(0, RunningTool.Run("evaluate", Arguments("undisturbed")).ExitCode);
        KillInTheSecondBatch("killed");

        var (exitCode, text, errors) = RunningTool.Run("evaluate", Arguments("killed"));

        Assert.True(exitCode == 0, text + errors);
        Assert.Equal(Numbers("undisturbed"), Numbers("killed"));
    }

    [Theory]
    [InlineData("--attack", "cw", "--attack is 'cw'; expected pgd, autoattack or square")]
    [InlineData("--epsilon", "0.03", "--epsilon 7.65")]
    [InlineData("--epsilon", "0", "--epsilon is 0, which leaves every image as it is")]
    [InlineData("--minimum", "25", "--minimum is 25; expected a share from 0 to 1")]
    [InlineData("--limit", "0", "--limit is 0; expected at least 1")]
    [InlineData("--model", "nothing.zip", "--model: there is no file")]
    [InlineData("--images", "nothing", "nothing")]
    public void A_wrong_option_is_named(string option, string value, string expected)
    {
        string[] model = option == "--model" ? [] : ["--model", letters.Zip];

        var (exitCode, _, errors) = RunningTool.Run("evaluate", [.. model, option, value, "--output", Output("wrong")]);

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    /// <summary>A folder with three test letters of each class, under other names.</summary>
    private string Classes(string name, params (string Letter, string Folder)[] classes)
    {
        var folder = Path.Combine(letters.Folder, name);
        foreach (var (letter, under) in classes)
        {
            var target = Directory.CreateDirectory(Path.Combine(folder, under)).FullName;
            foreach (var file in Directory.GetFiles(Path.Combine(letters.Folder, "letters", "test", letter)).Order(StringComparer.Ordinal).Take(3))
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }
        return folder;
    }

    private string Output(string name) => Path.Combine(letters.Folder, name);

    private string[] Arguments(string output) => ["--model", letters.Zip, "--attack", "pgd", "--epsilon", "1", "--limit", "300", "--output", Output(output)];

    /// <summary>The state file's first line is the setup, then come the clean and the attacked images of each of three batches.</summary>
    private void KillInTheSecondBatch(string output)
    {
        using var process = RunningTool.Start("evaluate", Arguments(output));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var state = Path.Combine(Output(output), "evaluation.jsonl");
        while (!process.HasExited && (!File.Exists(state) || Lines(state) < 4))
            Thread.Sleep(20);
        process.Kill();
        process.WaitForExit();
        Assert.InRange(Lines(state), 4, 6);
    }

    /// <summary>The evaluation has the file open, and locked against others that lock.</summary>
    private static int Lines(string path)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", [path]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd().Count(letter => letter == '\n');
    }

    /// <summary>The report but for the times.</summary>
    private string Numbers(string output) => Seconds().Replace(File.ReadAllText(Path.Combine(Output(output), "report.json")), "");

    private static string Percent(double share) => share switch { 0 => "0 %", 1 => "100 %", _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{share * 100:f1} %") };

    [GeneratedRegex("<tr><th scope=\"row\">(?<name>[^<]+)</th><td class=\"n\">(?<images>\\d+)</td><td class=\"share\"><b>(?<clean>[^<]+)</b>.*?<td class=\"share\"><b>(?<attacked>[^<]+)</b>", RegexOptions.Singleline)]
    private static partial Regex ClassRow();

    [GeneratedRegex("\"seconds\": [0-9.]+")]
    private static partial Regex Seconds();
}

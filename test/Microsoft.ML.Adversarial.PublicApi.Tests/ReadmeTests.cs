using System.Text;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Readme;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>The README's code writes into the current directory, which belongs to the whole process: no other test runs beside it.</summary>
[Collection(nameof(CurrentDirectory))]
public class ReadmeTests
{
    [Fact]
    public void Every_csharp_block_of_a_page_is_compiled()
    {
        var regions = Regions(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "ReadmeCode.cs")));
        // Whole programs, which PackageTests and PackingTests build and run.
        var programs = Directory.GetFiles(Path.Combine(RunningProgram.Root, "test/OutsideApplications"), "Program.cs", SearchOption.AllDirectories)
            .Select(file => string.Join('\n', File.ReadAllLines(file)).Trim());

        var blocks = DocumentPages.All.SelectMany(page => Blocks(File.ReadAllLines(page))).ToList();

        Assert.All(blocks, block => Assert.Contains(block, regions.Concat(programs)));
        Assert.All(regions, region => Assert.Contains(region, blocks));
    }

    /// <summary>What an editor shows beside a verb is code that runs, with its place in a page.</summary>
    [Fact]
    public void Every_example_of_the_documentation_is_part_of_a_compiled_region()
    {
        var regions = Regions(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "ReadmeCode.cs")));
        var documentation = System.Xml.Linq.XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.Adversarial.xml"));

        var examples = documentation.Descendants("example").Select(example => WithoutIndentation(example.Value.Split('\n'))).ToList();

        Assert.True(examples.Count >= 30, $"{examples.Count} examples");
        Assert.All(examples, example => Assert.Contains(regions, region => region.Contains(example, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_a_user_of_Python_writes_here_are_attacks_of_their_own_each() =>
        Assert.Equal(15, ReadmeCode.FromPython().Select(attack => $"{attack}").Distinct().Count());

    [Fact]
    public void The_methods_beside_Madrys_are_options_of_a_recipe() =>
        Assert.Equal(["TRADES against", "MART against", "TRADES against"], ReadmeCode.Methods().Select(options => string.Join(' ', $"{options.Method}".Split(' ').Take(2))));

    [Fact]
    public void The_network_of_the_pages_trains()
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new Row { Features = [.. Enumerable.Repeat(i * 30f, 64)], Label = i < 4 ? "dark" : "bright" }));
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
        {
            Backbone = new ReadmeCode.TinyNet(),
            ImageShape = new ImageShape(1, 8, 8),
            Method = new ReadmeCode.HalfAndHalf(new ReadmeCode.NoiseAttack(Budget.LInf(2))),
            Epochs = 1,
            BatchSize = 4,
        })).Fit(rows).LastTransformer;

        Assert.Equal(2, model.ClassNames.Count);
    }

    [Fact]
    public void The_backbones_of_the_pages_are_the_ones_they_name() => Assert.Equal(
        ["WideResNet-28-10", "PreActResNet-18", "WideResNet-28-10"],
        [.. ReadmeCode.Backbones().Append(ReadmeCode.PublicWeights()).Select(options => options.Backbone.Name)]);

    [Fact]
    public void The_code_of_the_readme_needs_two_usings_and_no_other() => Assert.Equal(
        ["using Microsoft.ML;", "using Microsoft.ML.Adversarial;"],
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "ReadmeCode.cs")).Where(line => line.StartsWith("using ", StringComparison.Ordinal)));

    [Fact]
    public void The_code_of_the_readme_runs()
    {
        var folder = Directory.CreateTempSubdirectory("readme-").FullName;
        var before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = folder;
            var (training, _) = EmbeddedLetters.UnpackTo(Path.Combine(folder, "letters"));
            var images = ImageFolder.Read(training, limitPerClass: 12, seed: 1);
            var (train, test) = images.Split(0.25);
            var ml = new MLContext(seed: 1);

            var (trainView, testView) = (ml.Data.LoadFromEnumerable(train.Images), ml.Data.LoadFromEnumerable(test.Images));
            var worst = ReadmeCode.TrainEvaluateAndSave(ml, trainView, testView, "");
            var deployed = ReadmeCode.AttackDeployed(ml, testView);
            var hardened = HardenSomebodyElses(ml, images, trainView, testView);
            var linear = ReadmeCode.AttackAnyModel(ml, Preparation(ml), trainView, testView);
            var pipeline = ReadmeCode.AttackPipeline(ml, Preparation(ml), trainView, testView);
            using var module = TorchSharp.torch.nn.Sequential(TorchSharp.torch.nn.Flatten(), TorchSharp.torch.nn.Linear(3 * 32 * 32, 10));
            var own = ReadmeCode.AttackOwnNetwork(ml, module, Preparation(ml).Fit(testView).Transform(testView));
            var mixture = ReadmeCode.MixDomains(ml, Preparation(ml), trainView, testView);

            var hurried = ReadmeCode.Hurry(ml, Preparation(ml), trainView, testView);

            using var survivor = Preparation(ml).Append(ReadmeCode.Survive(ml)).Fit(trainView);
            var attacked = ReadmeCode.LookAtAttackedImages(ml, survivor.LastTransformer, Preparation(ml), trainView, testView);

            using var fineTuned = Preparation(ml).Append(ReadmeCode.FineTune(ml)).Fit(trainView);
            var depth = ReadmeCode.ChooseDepth(ml, Preparation(ml), trainView, testView);

            Assert.Single(Directory.GetFiles("events"));
            Assert.Contains(depth, (int[])[8, 14]);
            Assert.StartsWith($"# The depth worth its cost: ResNet-{depth}", File.ReadAllText("depth.md"), StringComparison.Ordinal);
            Assert.NotNull(ml.Model.Load("best.zip", out _));
            Assert.InRange(survivor.LastTransformer.BestEpoch!.Value, 1, 14);
            // The three newest, and the best epoch's where that is none of them.
            Assert.InRange(Directory.GetFiles("checkpoints").Length, 3, 4);
            Assert.InRange(worst, 0, 1);
            Assert.Equal(Precision.BFloat16, hurried.SearchPrecision);
            Assert.InRange(deployed, 0, 1);
            Assert.InRange(hardened, 0, 1);
            Assert.True(new FileInfo("hardened.onnx").Length > 10_000);
            Assert.InRange(linear, 0, 1);
            Assert.InRange(pipeline, 0, 1);
            Assert.InRange(own, 0, 1);
            Assert.All(["square.jsonl", "module.jsonl"], state => Assert.True(File.Exists(state)));
            Assert.Equal(VerifiedFileKind.Model, ReadmeCode.CheckFile(ml).Kind);
            Assert.Equal("8", ReadmeCode.DescribeFile(ml).Description["network.backbone.depth"]);
            Assert.Contains("robustness report", File.ReadAllText("robustness.json"), StringComparison.Ordinal);
            Assert.InRange(attacked, 0, 1);
            Assert.True(new FileInfo("attacked.png").Length > 100);
            Assert.Equal((ImageDomain.Adversarial, ImageDomain.Clean), (mixture.Adversarial.Domain, mixture.Clean.Domain));
            Assert.NotEqual(mixture.Adversarial.Clean.LogLoss, mixture.Clean.Clean.LogLoss);
            Assert.NotNull(ml.Model.Load("model.zip", out _));
            Assert.True(new FileInfo("model.onnx").Length > 10_000);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task AutoMLs_trial_gets_what_the_experiments_trial_measures()
    {
        var folder = Directory.CreateTempSubdirectory("readme-").FullName;
        try
        {
            var (training, _) = EmbeddedLetters.UnpackTo(Path.Combine(folder, "letters"));
            var ml = new MLContext(seed: 1);
            var images = ml.Data.LoadFromEnumerable(ImageFolder.Read(training, limitPerClass: 3, seed: 1).Images);
            var data = Preparation(ml).Fit(images).Transform(images);
            var experiment = ml.Adversarial().CreateDepthExperiment(new DepthExperimentSettings { Training = ImageClassificationRecipes.Quick with { Epochs = 1 } });
            using var runner = new ReadmeCode.DepthTrialRunner(experiment, data, data);

            var result = await runner.RunAsync(new TrialSettings { Parameter = new Parameter(new Dictionary<string, int> { ["Depth"] = 8 }) }, TestContext.Current.CancellationToken);

            using var model = Assert.IsType<ImageClassificationTransformer>(result.Model);
            Assert.InRange(result.Metric, 0, 1);
            Assert.Equal(-result.Metric, result.Loss);
            Assert.True(result.DurationInMilliseconds > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The exported network as if another program had written it: nothing in the file says that it is this library's.</summary>
    private static double HardenSomebodyElses(MLContext ml, ImageSet images, IDataView train, IDataView test)
    {
        using var own = ml.Adversarial().LoadNetwork("model.onnx");
        File.WriteAllLines("classes.txt", own.ClassNames);
        var text = Encoding.Latin1.GetString(File.ReadAllBytes("model.onnx"));
        File.WriteAllBytes("classifier.onnx", Encoding.Latin1.GetBytes(text.Replace("Microsoft.ML.Adversarial", "Somebody.Elses.Converter", StringComparison.Ordinal)));
        var preparation = ImagePreparation.Create(ml, images with { Width = 32, Height = 32, IsGrey = false }, own.ClassNames).Fit(train);
        return ReadmeCode.HardenAnyNetwork(ml, preparation.Transform(train), preparation.Transform(test));
    }

    private static EstimatorChain<ImagePixelExtractingTransformer> Preparation(MLContext ml) =>
        ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadImages("Image", "", "Path"))
            .Append(ml.Transforms.ResizeImages("Image", 32, 32))
            .Append(ml.Transforms.ExtractPixels("Features", "Image"));

    private static List<string> Regions(string[] lines) => Between(lines, "#region", "#endregion");

    private static List<string> Blocks(string[] lines) => Between(lines, "```csharp", "```");

    /// <summary>The text between two marks, without the indentation of its first line.</summary>
    private static List<string> Between(string[] lines, string start, string end)
    {
        var found = new List<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith(start, StringComparison.Ordinal))
                continue;
            var inside = lines.Skip(i + 1).TakeWhile(line => line.Trim() != end).ToList();
            i += inside.Count + 1;
            found.Add(WithoutIndentation(inside));
        }
        return found;
    }

    /// <summary>That of the first line with text.</summary>
    private static string WithoutIndentation(IReadOnlyList<string> lines)
    {
        var first = lines.First(line => line.Trim().Length > 0);
        var indentation = first.Length - first.TrimStart().Length;
        return string.Join('\n', lines.Select(line => line.Length > indentation ? line[indentation..] : line.TrimStart())).Trim();
    }

    private sealed class Row
    {
        [VectorType(64)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}

/// <summary>Tests that change the current directory.</summary>
[CollectionDefinition(nameof(CurrentDirectory), DisableParallelization = true)]
public sealed class CurrentDirectory;

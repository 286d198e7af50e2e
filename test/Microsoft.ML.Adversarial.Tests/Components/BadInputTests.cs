using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Every mistake is met by a message that names the thing, what was expected and what came.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly ToyPictures pictures = new();
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void A_missing_column_is_named_with_those_that_are_there()
    {
        var options = ToyPictures.QuickOptions with { FeatureColumnName = "Pixels" };

        var refused = Assert.Throws<ArgumentException>(() => FitPrepared(options));

        Says(refused, "no column 'Pixels'", "expected a vector of Single", "Features");
    }

    [Fact]
    public void A_label_that_is_no_key_is_refused_before_fitting_and_in_fitting()
    {
        var options = ToyPictures.QuickOptions with { LabelColumnName = "Path" };
        var view = Prepared();

        Says(Assert.Throws<ArgumentException>(() => Trainer(options).GetOutputSchema(ShapeSpy.ShapeOf(ml, view))), "'Path'", "expected a key");
        Says(Assert.Throws<ArgumentException>(() => Trainer(options).Fit(view)), "'Path'", "String", "expected a key");
    }

    [Fact]
    public void Features_that_are_no_vector_of_single_are_refused_before_fitting_and_in_fitting()
    {
        var options = ToyPictures.QuickOptions with { FeatureColumnName = "Path" };
        var view = Prepared();

        Says(Assert.Throws<ArgumentException>(() => Trainer(options).GetOutputSchema(ShapeSpy.ShapeOf(ml, view))), "'Path'", "expected a vector of Single");
        Says(Assert.Throws<ArgumentException>(() => Trainer(options).Fit(view)), "'Path'", "expected a vector of Single");
    }

    [Fact]
    public void A_transformer_refuses_data_without_its_features()
    {
        using var model = Trainer(ToyPictures.QuickOptions with { Epochs = 1 }).Fit(Prepared());

        var refused = Assert.ThrowsAny<Exception>(() => model.Transform(pictures.View(ml)));

        Says(refused, "Features");
    }

    [Fact]
    public void One_class_only_is_refused()
    {
        pictures.Rows.RemoveAll(row => row.Label != "left");

        Says(Assert.Throws<InvalidDataException>(() => FitPrepared(ToyPictures.QuickOptions)), "'Label'", "1 class", "left", "at least 2");
    }

    [Fact]
    public void A_missing_label_is_named_with_its_row_and_path()
    {
        var preparation = ToyPictures.Preparation(ml).Fit(pictures.View(ml));
        pictures.Rows[4].Label = "unheard of";

        Says(
            Assert.Throws<InvalidDataException>(() => Trainer(ToyPictures.QuickOptions).Fit(preparation.Transform(pictures.View(ml)))),
            "Row 4", pictures.Rows[4].Path, "'Label'", "missing");
    }

    [Fact]
    public void No_rows_at_all_are_refused()
    {
        var preparation = ToyPictures.Preparation(ml).Fit(pictures.View(ml));
        pictures.Rows.Clear();

        Says(Assert.Throws<InvalidDataException>(() => Trainer(ToyPictures.QuickOptions).Fit(preparation.Transform(pictures.View(ml)))), "no rows");
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is not a picture")]
    public void A_file_that_is_no_image_is_named(string content)
    {
        var path = pictures.Rows[5].Path;
        File.WriteAllText(path, content);

        Says(Assert.Throws<InvalidDataException>(() => FitPrepared(ToyPictures.QuickOptions)), "Row 5", path, "cannot be read");
    }

    [Fact]
    public void Damaged_image_files_can_be_skipped_and_are_counted()
    {
        foreach (var row in pictures.Rows.Take(2))
            File.WriteAllBytes(row.Path, []);
        var warnings = new List<string>();
        ml.Log += (_, message) => { if (message.Kind == ChannelMessageKind.Warning) warnings.Add(message.Message); };

        FitPrepared(ToyPictures.QuickOptions with { UnreadableImages = UnreadableImages.Skip });

        var warning = Assert.Single(warnings, text => text.Contains("left out", StringComparison.Ordinal));
        Assert.Contains($"2 of {pictures.Rows.Count} rows", warning, StringComparison.Ordinal);
        Assert.Contains(pictures.Rows[0].Path, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_image_file_is_named()
    {
        File.Delete(pictures.Rows[5].Path);

        Says(Assert.Throws<InvalidDataException>(() => FitPrepared(ToyPictures.QuickOptions)), "Row 5", pictures.Rows[5].Path, "cannot be read");
    }

    [Fact]
    public void A_file_that_is_cut_off_reads_as_black_and_is_warned_of()
    {
        var path = pictures.Rows[5].Path;
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..60]);
        var warnings = new List<string>();
        ml.Log += (_, message) => { if (message.Kind == ChannelMessageKind.Warning) warnings.Add(message.Message); };

        FitPrepared(ToyPictures.QuickOptions);

        var warning = Assert.Single(warnings, text => text.Contains("black in every pixel", StringComparison.Ordinal));
        Assert.Contains(path, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Skipping_every_image_is_no_training()
    {
        foreach (var row in pictures.Rows)
            File.Delete(row.Path);

        Says(
            Assert.Throws<InvalidDataException>(() => FitPrepared(ToyPictures.QuickOptions with { UnreadableImages = UnreadableImages.Skip })),
            "None of the images can be read", pictures.Rows[0].Path);
    }

    [Fact]
    public void Pixels_on_another_scale_than_stated_are_refused()
    {
        var unit = ToyPictures.Preparation(ml, scale: 1f / 255).Fit(pictures.View(ml)).Transform(pictures.View(ml));

        Says(Assert.Throws<InvalidDataException>(() => Trainer(ToyPictures.QuickOptions).Fit(unit)), "PixelRange says 0..255", "PixelRange.Unit");
        Says(
            Assert.Throws<InvalidDataException>(() => Trainer(ToyPictures.QuickOptions with { PixelRange = PixelRange.Unit }).Fit(Prepared())),
            "Row 0", "expected pixels in 0..1", "PixelRange");
    }

    [Fact]
    public void Images_of_another_size_than_stated_are_refused()
    {
        var options = ToyPictures.QuickOptions with { ImageShape = new ImageShape(3, 32, 32) };

        Says(Assert.Throws<ArgumentException>(() => FitPrepared(options)), "'Features'", "3 x 32 x 32");
    }

    [Theory]
    [InlineData("Score")]
    [InlineData("Logits")]
    [InlineData("PredictedIndex")]
    public void Features_named_as_an_output_of_the_model_are_refused(string name)
    {
        var view = ml.Transforms.CopyColumns(name, "Features").Fit(Prepared()).Transform(Prepared());

        Says(Assert.Throws<ArgumentException>(() => Trainer(ToyPictures.QuickOptions with { FeatureColumnName = name }).Fit(view)), $"'{name}'", "another name");
    }

    [Fact]
    public void Features_of_unknown_length_are_refused()
    {
        var rows = Enumerable.Range(0, 4).Select(index => new LooseRow { Label = $"{index % 2}", Features = new float[64] }).ToList();
        var view = ml.Transforms.Conversion.MapValueToKey("Label").Fit(ml.Data.LoadFromEnumerable(rows)).Transform(ml.Data.LoadFromEnumerable(rows));

        Says(
            Assert.Throws<ArgumentException>(() => Trainer(ToyPictures.QuickOptions with { ImageShape = new ImageShape(1, 8, 8) }).Fit(view)),
            "'Features'", "unknown length");
    }

    [Fact]
    public void A_disposed_transformer_says_so()
    {
        var model = Trainer(ToyPictures.QuickOptions with { Epochs = 1 }).Fit(Prepared());
        model.Dispose();
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => model.Transform(Prepared()));
        Assert.Throws<ObjectDisposedException>(() => model.ExportOnnx(new MemoryStream()));
        Assert.Throws<ObjectDisposedException>(() => ml.Adversarial().EvaluateRobustness(model, Prepared()));
    }

    [Fact]
    public void Too_little_memory_is_told_with_the_options_that_need_less()
    {
        var refused = Assert.Throws<InsufficientMemoryException>(() => FitPrepared(ToyPictures.QuickOptions with { Method = new GreedyMethod() }));

        Says(refused, "ResNet-8", "8 images", "lower BatchSize", "allocate memory");
    }

    private static void Says(Exception exception, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

    private ImageClassificationTrainer Trainer(ImageClassificationOptions options) => ml.Adversarial().Trainers.ImageClassification(options);

    private IDataView Prepared() => ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(pictures.View(ml));

    private void FitPrepared(ImageClassificationOptions options) => Trainer(options).Fit(Prepared()).Dispose();

    private sealed class LooseRow
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }

    /// <summary>Asks for a petabyte.</summary>
    private sealed record GreedyMethod : TrainingMethod
    {
        protected internal override void Step(UpdateContext step) => step.Update(_ => new LossSum(empty(1L << 48), 1));
    }
}

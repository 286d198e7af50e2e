using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Values that are no pixels of the stated range are refused at every door: an epsilon would not mean what it says.</summary>
public sealed class PixelScaleTests(AttackedPictures toys) : IClassFixture<AttackedPictures>
{
    private static readonly ImageShape Shape = new(1, 8, 8);

    private readonly MLContext ml = new(seed: 1);

    [Theory]
    [InlineData("min-max")]
    [InlineData("mean-variance")]
    [InlineData("row")]
    public void What_a_normalizer_made_is_refused_before_fitting_and_in_fitting(string kind)
    {
        var normalizer = Normalizer(kind);
        var view = normalizer.Fit(toys.Prepared).Transform(toys.Prepared);
        var trainer = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { PixelRange = PixelRange.Unit });

        Says(Assert.Throws<ArgumentException>(() => trainer.GetOutputSchema(ShapeSpy.ShapeOf(ml, view))), "'Features'", "IsNormalized", "8/255", "PixelNormalization");
        Says(Assert.Throws<ArgumentException>(() => trainer.Fit(view)), "IsNormalized");
    }

    [Fact]
    public void What_a_normalizer_made_is_refused_by_evaluation_black_box_and_transform()
    {
        var view = Normalizer("min-max").Fit(toys.Prepared).Transform(toys.Prepared);

        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateRobustness(toys.Classifier, view)), "IsNormalized");
        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateBlackBox(toys.Classifier, view, [])), "IsNormalized", "stage of the model");
        Says(Assert.Throws<ArgumentException>(() => toys.Attacked(toys.Options, view)), "IsNormalized");
    }

    [Theory]
    [InlineData("min-max", 1f, "step")]
    [InlineData("by place", 1f, "step")]
    [InlineData("mean-variance", 255f, "another scale")]
    public void Rescaling_that_no_annotation_tells_of_is_refused_before_training(string kind, float maximum, string because)
    {
        var images = Rescaled(kind, maximum);

        var refused = Assert.Throws<InvalidDataException>(() => Check(images, new PixelRange(0, maximum)));

        Says(refused, $"first {images.Length} images", because, "normalizer");
    }

    [Theory]
    [InlineData("levels")]
    [InlineData("unit levels")]
    [InlineData("floats")]
    [InlineData("hundredths")]
    [InlineData("brightness of its own")]
    [InlineData("binary")]
    [InlineData("dark levels")]
    public void Honest_images_pass(string kind)
    {
        var random = new Random(3);
        var range = kind is "levels" or "dark levels" ? PixelRange.GreyLevels : PixelRange.Unit;
        Check([.. Enumerable.Range(0, 40).Select(_ => Image())], range);

        float[] Image()
        {
            var brightness = 0.5f + random.NextSingle() / 2;
            return [.. Enumerable.Range(0, Shape.Length).Select(_ => kind switch
            {
                "levels" => random.Next(256),
                "dark levels" => random.Next(6),
                "unit levels" => random.Next(256) / 255f,
                "hundredths" => random.Next(101) / 100f,
                "brightness of its own" => random.Next(256) / 255f * brightness,
                "binary" => random.Next(2),
                _ => random.NextSingle(),
            })];
        }
    }

    [Fact]
    public void Another_scale_than_the_classifiers_is_refused_before_an_image_is_evaluated_or_attacked()
    {
        var unit = ToyPictures.Preparation(ml, scale: 1 / 100f).Fit(toys.Pictures.View(ml)).Transform(toys.Pictures.View(ml));
        var attack = new CountingAttack((_, images) => images);

        Says(Assert.Throws<InvalidDataException>(() => ml.Adversarial().EvaluateRobustness(toys.Classifier, unit, attack)), "another scale");
        Says(Assert.Throws<InvalidDataException>(() => AttackedPictures.Pixels(toys.Attacked(toys.Options with { Attack = attack }, unit), "Attacked")), "another scale");
        Assert.Empty(attack.Batches);
    }

    private static void Says(Exception exception, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

    /// <summary>Grey levels, scaled as a normalizer does that learned from these images.</summary>
    private static float[][] Rescaled(string kind, float maximum)
    {
        var random = new Random(3);
        float[][] levels = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, Shape.Length).Select(place => (float)random.Next(120 + place)).ToArray())];
        return [.. levels.Select(image => image.Select((value, place) => kind switch
        {
            "min-max" => value / levels.Max(other => other[place]) * maximum,
            "by place" => value / (200 + place) * maximum,
            _ => value / MathF.Sqrt(levels.Average(other => other[place] * other[place])),
        }).ToArray())];
    }

    private void Check(float[][] images, PixelRange range)
    {
        var view = ml.Data.LoadFromEnumerable(images.Select((image, index) => new Row { Features = image, Label = (uint)index % 2 }).ToList());
        PixelScale.Check(new ImageReader(view, "Features", "Label", PixelVectorFormat.Of("Features", view.Schema["Features"].Type, Shape, null, range)));
    }

    private IEstimator<ITransformer> Normalizer(string kind) => kind switch
    {
        "min-max" => ml.Transforms.NormalizeMinMax("Features"),
        "row" => ml.Transforms.NormalizeLpNorm("Features"),
        _ => ml.Transforms.NormalizeMeanVariance("Features"),
    };

    private sealed class Row
    {
        [VectorType(64)]
        public float[] Features { get; set; } = [];

        [KeyType(2)]
        public uint Label { get; set; }
    }
}

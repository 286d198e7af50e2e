
namespace Microsoft.ML.Adversarial.Tests.Data;

public class ColorJitterTests
{
    private const int Seeds = 1000;

    private static readonly ImageShape Colour = new(3, 4, 5);

    /// <summary>Values in the middle of the range, which no change of two fifths takes out of it.</summary>
    private static readonly float[] Moderate = Noise(Colour, 0.3f, 0.6f);

    private static readonly ColorJitter Nothing = new() { Brightness = 0, Contrast = 0, Saturation = 0 };

    private static readonly ColorJitter Brightness = Nothing with { Brightness = 0.4 }, Contrast = Nothing with { Contrast = 0.4 }, Saturation = Nothing with { Saturation = 0.4 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Strengths_of_0_leave_an_image_as_it_is(int channels)
    {
        var shape = new ImageShape(channels, 4, 5);
        var image = Noise(shape, 0, 1);

        Assert.All(Enumerable.Range(0, 20), seed => Assert.Equal(image, Apply(Nothing, shape, image, seed)));
    }

    [Fact]
    public void Brightness_multiplies_every_value_by_a_uniform_factor() => AreUniform(Factors(Brightness, image => image));

    [Fact]
    public void Contrast_multiplies_distances_from_the_mean_grey_by_a_uniform_factor_and_keeps_it()
    {
        var mean = Greys(Moderate).Average();

        Assert.All(Images(Contrast), image => Assert.Equal(mean, Greys(image).Average(), 1e-5));
        AreUniform(Factors(Contrast, FromMeanGrey));
    }

    [Fact]
    public void Saturation_multiplies_distances_from_each_pixels_grey_by_a_uniform_factor_and_keeps_it()
    {
        var greys = Greys(Moderate);

        Assert.All(Images(Saturation), image => Assert.All(greys.Zip(Greys(image)), pair => Assert.Equal(pair.First, pair.Second, 1e-5)));
        AreUniform(Factors(Saturation, FromGrey));
    }

    [Fact]
    public void Together_they_are_one_after_the_other_in_any_order()
    {
        ColorJitter[][] orders =
        [
            [Brightness, Contrast, Saturation], [Brightness, Saturation, Contrast], [Contrast, Brightness, Saturation],
            [Contrast, Saturation, Brightness], [Saturation, Brightness, Contrast], [Saturation, Contrast, Brightness],
        ];

        for (var seed = 0; seed < 20; seed++)
            foreach (var order in orders)
            {
                var expected = order.Aggregate(Moderate, (image, jitter) => Apply(jitter, Colour, image, seed));
                Assert.All(expected.Zip(Apply(new ColorJitter(), Colour, Moderate, seed)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            }
    }

    [Fact]
    public void The_three_factors_are_drawn_apart()
    {
        var (brightness, contrast, saturation) = (Factors(Brightness, image => image), Factors(Contrast, FromMeanGrey), Factors(Saturation, FromGrey));

        // The correlation of 1000 independent pairs has a standard deviation of 0.032; five are 0.16.
        Assert.InRange(Correlation(brightness, contrast), -0.16, 0.16);
        Assert.InRange(Correlation(brightness, saturation), -0.16, 0.16);
        Assert.InRange(Correlation(contrast, saturation), -0.16, 0.16);
    }

    [Fact]
    public void Values_beyond_black_and_full_brightness_are_clamped()
    {
        var image = Noise(Colour, 0, 1);

        var values = Enumerable.Range(0, 100)
            .SelectMany(seed => Apply(new ColorJitter { Brightness = 1, Contrast = 1, Saturation = 1 }, Colour, image, seed)).ToList();

        Assert.All(values, value => Assert.InRange(value, 0, 1));
        Assert.Contains(0, values);
        Assert.Contains(1, values);
    }

    [Fact]
    public void Saturation_does_nothing_to_an_image_of_one_channel()
    {
        var shape = new ImageShape(1, 4, 5);
        var image = Noise(shape, 0, 1);

        Assert.All(Enumerable.Range(0, 20), seed => Assert.Equal(
            Apply(new ColorJitter { Saturation = 0 }, shape, image, seed), Apply(new ColorJitter { Saturation = 1 }, shape, image, seed)));
    }

    [Fact]
    public void Contrast_of_an_image_that_is_not_red_green_and_blue_keeps_the_mean_of_all_values()
    {
        var shape = new ImageShape(4, 3, 5);

        Assert.All(Enumerable.Range(0, 20), seed => Assert.Equal(Moderate.Average(), Apply(Contrast, shape, Moderate, seed).Average(), 1e-5));
    }

    [Fact]
    public void Strengths_outside_0_to_1_are_refused()
    {
        Refused(() => new ColorJitter { Brightness = -0.1 }, "Brightness must be from 0 to 1; it is -0.1");
        Refused(() => new ColorJitter { Contrast = 1.1 }, "Contrast must be from 0 to 1; it is 1.1");
        Refused(() => new ColorJitter { Saturation = double.NaN }, "Saturation must be from 0 to 1; it is NaN");

        static void Refused(Func<object> create, string message) =>
            Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(create).Message, StringComparison.Ordinal);
    }

    private static float[] Noise(ImageShape shape, float lowest, float highest)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, shape.Length).Select(_ => lowest + (highest - lowest) * (float)random.NextDouble())];
    }

    private static float[] Apply(ColorJitter jitter, ImageShape shape, float[] image, int seed)
    {
        var changed = image.ToArray();
        jitter.Apply(changed, shape, new Seed((ulong)seed));
        return changed;
    }

    private static IEnumerable<float[]> Images(ColorJitter jitter) => Enumerable.Range(0, Seeds).Select(seed => Apply(jitter, Colour, Moderate, seed));

    /// <summary>What every number of a part of the image is multiplied by, for each seed.</summary>
    private static List<double> Factors(ColorJitter jitter, Func<float[], float[]> part) => [.. Images(jitter).Select(image =>
    {
        var (before, after) = (part(Moderate), part(image));
        var factor = before.Zip(after, (first, second) => (double)first * second).Sum() / before.Sum(value => (double)value * value);
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First * factor, pair.Second, 1e-5));
        return factor;
    })];

    private static float[] Greys(float[] image) =>
        [.. Enumerable.Range(0, image.Length / 3).Select(pixel => 0.299f * image[pixel] + 0.587f * image[pixel + image.Length / 3] + 0.114f * image[pixel + image.Length / 3 * 2])];

    private static float[] FromMeanGrey(float[] image) => [.. image.Select(value => value - Greys(image).Average())];

    private static float[] FromGrey(float[] image) => [.. image.Select((value, index) => value - Greys(image)[index % (image.Length / 3)])];

    private static void AreUniform(List<double> factors)
    {
        Assert.All(factors, factor => Assert.InRange(factor, 0.6 - 1e-5, 1.4 + 1e-5));
        // A quarter of 1000 has a standard deviation of 13.7, a half 15.8; five are 69 and 79.
        Assert.InRange(factors.Count(factor => factor < 0.8), 250 - 69, 250 + 69);
        Assert.InRange(factors.Count(factor => factor < 1), 500 - 79, 500 + 79);
        Assert.InRange(factors.Count(factor => factor < 1.2), 750 - 69, 750 + 69);
    }

    private static double Correlation(List<double> first, List<double> second)
    {
        var (firstMean, secondMean) = (first.Average(), second.Average());
        var together = first.Zip(second, (one, other) => (one - firstMean) * (other - secondMean)).Sum();
        return together / Math.Sqrt(first.Sum(one => Math.Pow(one - firstMean, 2)) * second.Sum(other => Math.Pow(other - secondMean, 2)));
    }
}

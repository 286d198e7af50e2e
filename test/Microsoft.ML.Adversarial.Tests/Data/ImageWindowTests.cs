using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Data;

public class ImageWindowTests
{
    [Fact]
    public void A_window_is_stretched_bilinearly_by_the_centres_of_the_pixels()
    {
        // The window is [[0, 100], [40, 220]] grey levels. Stretched from 2 to 4, the new pixels' centres lie at -1/4, 1/4, 3/4 and 5/4:
        // the outer ones take the nearest pixel's value, the inner ones a quarter of the other's.
        float[] image =
        [
            9, 9, 9, 9,
            9, 0, 100, 9,
            9, 40, 220, 9,
            9, 9, 9, 9,
        ];
        float[] expected =
        [
            0, 25, 75, 100,
            10, 40, 100, 130,
            30, 70, 150, 190,
            40, 85, 175, 220,
        ];

        var resized = Resize(image, new ImageShape(1, 4, 4), new ImageWindow(1, 1, 2, 2));

        Assert.All(expected.Zip(resized), pair => Assert.Equal(pair.First / 255, pair.Second, 1e-6));
    }

    [Theory]
    [InlineData(0, 0, 9, 7)]
    [InlineData(2, 1, 4, 5)]
    [InlineData(8, 0, 1, 7)]
    [InlineData(0, 6, 9, 1)]
    [InlineData(3, 3, 1, 1)]
    public void A_window_is_stretched_as_torch_interpolates(int top, int left, int height, int width)
    {
        using var scope = NewDisposeScope();
        var shape = new ImageShape(3, 9, 7);
        var random = new Random(1);
        var image = Enumerable.Range(0, shape.Length).Select(_ => (float)random.Next(256)).ToArray();

        var resized = Resize(image, shape, new ImageWindow(top, left, height, width));

        var part = tensor(image.Select(level => level / 255).ToArray(), [1, 3, 9, 7]).narrow(2, top, height).narrow(3, left, width);
        var expected = nn.functional.interpolate(part, size: [9, 7], mode: InterpolationMode.Bilinear, align_corners: false);
        Assert.All(expected.contiguous().data<float>().Zip(resized), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void A_mirrored_window_is_the_window_mirrored()
    {
        var shape = new ImageShape(2, 3, 4);
        var image = Enumerable.Range(1, shape.Length).Select(value => (float)(value * value % 251)).ToArray();
        var window = new ImageWindow(0, 1, 2, 3);

        var mirrored = Resize(image, shape, window).Chunk(shape.Width).SelectMany(row => row.Reverse());

        Assert.Equal(mirrored, Resize(image, shape, window, mirrors: true));
    }

    private static float[] Resize(float[] greyLevels, ImageShape shape, ImageWindow window, bool mirrors = false)
    {
        // Not black, so that a pixel that was not written shows.
        var target = Enumerable.Repeat(9f, shape.Length).ToArray();
        window.WriteResized(new PackedImage(0, 0, [.. greyLevels.Select(level => level / 255)]), shape, mirrors, target);
        return target;
    }
}


namespace Microsoft.ML.Adversarial.Tests.Data;

public class RandomResizedCropTests
{
    private const int Draws = 4000;

    [Fact]
    public void Every_window_lies_in_the_image_and_every_place_is_drawn()
    {
        var shape = new ImageShape(3, 5, 4);
        var windows = Windows(new RandomResizedCrop(), shape);

        Assert.All(windows, window =>
        {
            Assert.InRange(window.Top, 0, shape.Height - window.Height);
            Assert.InRange(window.Left, 0, shape.Width - window.Width);
            Assert.True(window.Height > 0 && window.Width > 0, $"{window} is empty");
        });
        var places = windows.Where(window => window is { Height: 2, Width: 2 }).Select(window => (window.Top, window.Left)).Distinct();
        Assert.Equal(4 * 3, places.Count());
    }

    [Fact]
    public void Areas_are_uniform_from_the_smallest_to_the_largest()
    {
        var shape = new ImageShape(1, 200, 200);

        var areas = Windows(new RandomResizedCrop { MinimumArea = 0.1, MaximumArea = 0.3 }, shape).Select(window => window.Height * window.Width / 40_000.0).ToList();

        // Both sides are rounded to pixels, which moves the smallest area by up to 2 %.
        Assert.All(areas, area => Assert.InRange(area, 0.098, 0.306));
        Assert.All([0.15, 0.2, 0.25], level => Assert.InRange(areas.Count(area => area < level), FiveDeviationsBelow((level - 0.1) / 0.2), FiveDeviationsAbove((level - 0.1) / 0.2)));
    }

    [Fact]
    public void Aspect_ratios_are_log_uniform_so_that_windows_are_as_often_tall_as_wide()
    {
        var shape = new ImageShape(1, 1000, 1000);

        var aspects = Windows(new RandomResizedCrop { MaximumArea = 0.2, MinimumAspect = 0.25, MaximumAspect = 4 }, shape)
            .Select(window => (double)window.Width / window.Height).ToList();

        Assert.All(aspects, aspect => Assert.InRange(aspect, 0.249, 4.02));
        Assert.All([(0.5, 0.25), (1, 0.5), (2, 0.75)], point =>
            Assert.InRange(aspects.Count(aspect => aspect < point.Item1), FiveDeviationsBelow(point.Item2), FiveDeviationsAbove(point.Item2)));
    }

    [Theory]
    [InlineData(4, 40, 0, 17, 4, 5)]
    [InlineData(40, 4, 17, 0, 5, 4)]
    [InlineData(1, 9, 0, 4, 1, 1)]
    public void Where_no_draw_fits_the_largest_central_window_of_an_allowed_aspect_is_taken(int height, int width, int top, int left, int windowHeight, int windowWidth)
    {
        var windows = Windows(new RandomResizedCrop { MinimumArea = 1 }, new ImageShape(1, height, width));

        Assert.All(windows, window => Assert.Equal(new ImageWindow(top, left, windowHeight, windowWidth), window));
    }

    [Fact]
    public void Where_no_draw_fits_an_image_of_an_allowed_aspect_is_kept_whole()
    {
        var windows = Windows(new RandomResizedCrop { MinimumArea = 1 }, new ImageShape(1, 1000, 1200));

        // Three in a hundred images meet a draw of their own aspect that fits, one column narrower at most.
        Assert.All(windows, window => Assert.True(window is { Height: 1000, Width: 1199 or 1200 }, $"{window} is not the whole image"));
        Assert.InRange(windows.Count(window => window.Width == 1200), (int)(0.9 * Draws), Draws);
    }

    [Fact]
    public void The_whole_area_at_aspect_1_is_the_whole_of_a_square_image()
    {
        var crop = new RandomResizedCrop { MinimumArea = 1, MinimumAspect = 1, MaximumAspect = 1 };
        var shape = new ImageShape(2, 5, 5);
        var pixels = Enumerable.Range(0, shape.Length).Select(value => value / 255f).ToArray();
        var target = new float[shape.Length];

        new Augmentation { ResizedCrop = crop }.Write(new PackedImage(0, 0, pixels), shape, new Seed(1), target);

        Assert.All(Windows(crop, shape), window => Assert.Equal(new ImageWindow(0, 0, 5, 5), window));
        Assert.Equal(pixels, target);
    }

    [Fact]
    public void Options_outside_their_range_are_refused()
    {
        Refused(() => new RandomResizedCrop { MinimumArea = 0 }, "MinimumArea must be above 0 and at most 1; it is 0");
        Refused(() => new RandomResizedCrop { MaximumArea = 1.5 }, "MaximumArea must be above 0 and at most 1; it is 1.5");
        Refused(() => new RandomResizedCrop { MinimumAspect = 0 }, "MinimumAspect must be from 0.01 to 100; it is 0");
        Refused(() => new RandomResizedCrop { MaximumAspect = double.NaN }, "MaximumAspect must be from 0.01 to 100; it is NaN");

        static void Refused(Func<object> create, string message) =>
            Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(create).Message, StringComparison.Ordinal);
    }

    private static List<ImageWindow> Windows(RandomResizedCrop crop, ImageShape shape) =>
        [.. Enumerable.Range(0, Draws).Select(seed => crop.Window(shape, new Seed((ulong)seed)))];

    private static int FiveDeviationsBelow(double share) => (int)(Draws * share - 5 * Math.Sqrt(Draws * share * (1 - share)));

    private static int FiveDeviationsAbove(double share) => (int)(Draws * share + 5 * Math.Sqrt(Draws * share * (1 - share)));
}


namespace Microsoft.ML.Adversarial.Tests.Data;

public class AugmentationTests
{
    private static readonly ImageShape Shape = new(2, 3, 4);

    private static readonly float[] Pixels = [.. Enumerable.Range(1, Shape.Length).Select(value => value / 255f)];

    [Fact]
    public void None_leaves_an_image_as_it_is() =>
        Assert.All(Enumerable.Range(0, 20), seed => Assert.Equal(Pixels, Write(Augmentation.None, seed)));

    [Fact]
    public void A_flip_mirrors_every_row_of_every_plane_in_about_half_of_the_images()
    {
        var mirrored = Pixels.Chunk(Shape.Width).SelectMany(row => row.Reverse()).ToArray();

        var written = Enumerable.Range(0, 400).Select(seed => Write(new Augmentation { HorizontalFlip = true }, seed)).ToList();

        var flips = written.Count(image => image.SequenceEqual(mirrored));
        Assert.Equal(400, flips + written.Count(image => image.SequenceEqual(Pixels)));
        Assert.InRange(flips, 160, 240);
    }

    [Fact]
    public void A_crop_shifts_by_up_to_the_padding_either_way_and_fills_with_black()
    {
        var shifts = new Dictionary<(int Down, int Right), int>();
        for (var seed = 0; seed < 2000; seed++)
        {
            var written = Write(new Augmentation { CropPadding = 1 }, seed);
            var shift = Shifts(1).Single(candidate => written.SequenceEqual(Shifted(candidate.Down, candidate.Right)));
            shifts[shift] = shifts.GetValueOrDefault(shift) + 1;
        }

        // Nine shifts, 222 expected of each; five standard deviations are 70.
        Assert.Equal(9, shifts.Count);
        Assert.All(shifts.Values, count => Assert.InRange(count, 152, 292));
    }

    [Fact]
    public void The_same_seed_varies_an_image_the_same_way()
    {
        var augmentation = new Augmentation { HorizontalFlip = true, CropPadding = 2 };

        for (var seed = 0; seed < 20; seed++)
            Assert.Equal(Write(augmentation, seed), Write(augmentation, seed));
        Assert.True(Enumerable.Range(0, 20).Select(seed => string.Join(' ', Write(augmentation, seed))).Distinct().Count() > 5);
    }

    [Fact]
    public void A_padding_outside_0_to_64_is_refused() =>
        Assert.Contains("CropPadding must be from 0 to 64; it is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { CropPadding = -1 }).Message, StringComparison.Ordinal);

    [Fact]
    public void A_flip_mirrors_a_resized_crop_in_the_same_images_as_without_one()
    {
        var flip = new Augmentation { HorizontalFlip = true };
        var wholeImage = new RandomResizedCrop { MinimumArea = 1, MinimumAspect = 4 / 3.0, MaximumAspect = 4 / 3.0 };

        Assert.All(Enumerable.Range(0, 50), seed => Assert.Equal(Write(flip, seed), Write(flip with { ResizedCrop = wholeImage }, seed)));
    }

    [Fact]
    public void Colours_change_last_and_leave_crops_and_flips_as_they_are_without()
    {
        var jitter = new ColorJitter();
        Augmentation[] others = [new() { HorizontalFlip = true, CropPadding = 2 }, new() { HorizontalFlip = true, ResizedCrop = new RandomResizedCrop() }];

        foreach (var other in others)
            for (var seed = 0; seed < 20; seed++)
            {
                var expected = Write(other, seed);
                jitter.Apply(expected, Shape, new Seed((ulong)seed).For("colour jitter"));
                Assert.Equal(expected, Write(other with { ColorJitter = jitter }, seed));
            }
    }

    [Fact]
    public void The_same_seed_crops_resizes_and_colours_an_image_the_same_way()
    {
        var augmentation = new Augmentation { HorizontalFlip = true, ResizedCrop = new RandomResizedCrop(), ColorJitter = new ColorJitter() };

        for (var seed = 0; seed < 20; seed++)
            Assert.Equal(Write(augmentation, seed), Write(augmentation, seed));
        Assert.Equal(20, Enumerable.Range(0, 20).Select(seed => string.Join(' ', Write(augmentation, seed))).Distinct().Count());
    }

    [Fact]
    public void Everything_together_stays_within_0_to_1()
    {
        var augmentation = new Augmentation
        {
            HorizontalFlip = true,
            ResizedCrop = new RandomResizedCrop(),
            ColorJitter = new ColorJitter { Brightness = 1, Contrast = 1, Saturation = 1 },
        };
        var shape = new ImageShape(3, 9, 7);
        var random = new Random(1);
        var pixels = Enumerable.Range(0, shape.Length).Select(_ => (float)random.NextDouble()).ToArray();

        for (var seed = 0; seed < 200; seed++)
        {
            var target = Enumerable.Repeat(9f, shape.Length).ToArray();
            augmentation.Write(new PackedImage(0, 0, pixels), shape, new Seed((ulong)seed), target);
            Assert.All(target, value => Assert.InRange(value, 0, 1));
        }
    }

    [Fact]
    public void A_padded_and_a_resized_crop_contradict_each_other_in_whichever_order_they_are_set()
    {
        Augmentation[] contradictions = [new() { CropPadding = 4, ResizedCrop = new() }, new() { ResizedCrop = new(), CropPadding = 4 }];

        Assert.All(contradictions, contradiction => Assert.Contains(
            "CropPadding is 4 and ResizedCrop is set; expected one of them", Assert.Throws<ArgumentException>(contradiction.Check).Message, StringComparison.Ordinal));
        new Augmentation { CropPadding = 0, ResizedCrop = new(), ColorJitter = new(), HorizontalFlip = true }.Check();
        new Augmentation { CropPadding = 4, ColorJitter = new(), HorizontalFlip = true }.Check();
    }

    [Fact]
    public void A_smallest_window_larger_than_the_largest_is_refused()
    {
        Refused(new() { MinimumArea = 0.5, MaximumArea = 0.25 }, "MinimumArea of ResizedCrop is 0.5; expected at most MaximumArea, which is 0.25");
        Refused(new() { MaximumAspect = 0.5 }, "MinimumAspect of ResizedCrop is 0.75; expected at most MaximumAspect, which is 0.5");

        static void Refused(RandomResizedCrop crop, string message) => Assert.Contains(
            message, Assert.Throws<ArgumentException>(new Augmentation { ResizedCrop = crop }.Check).Message, StringComparison.Ordinal);
    }

    private static float[] Write(Augmentation augmentation, int seed)
    {
        // Not black, so that a pixel that was not written shows.
        var target = Enumerable.Repeat(9f, Shape.Length).ToArray();
        augmentation.Write(new PackedImage(0, 0, Pixels), Shape, new Seed((ulong)seed), target);
        return target;
    }

    private static IEnumerable<(int Down, int Right)> Shifts(int most) =>
        from down in Enumerable.Range(-most, 2 * most + 1) from right in Enumerable.Range(-most, 2 * most + 1) select (down, right);

    private static float[] Shifted(int down, int right)
    {
        var shifted = new float[Shape.Length];
        for (var plane = 0; plane < Shape.Channels; plane++)
            for (var y = 0; y < Shape.Height; y++)
                for (var x = 0; x < Shape.Width; x++)
                    if (y + down is >= 0 and < 3 && x + right is >= 0 and < 4)
                        shifted[(plane * Shape.Height + y) * Shape.Width + x] = Pixels[(plane * Shape.Height + y + down) * Shape.Width + x + right];
        return shifted;
    }
}

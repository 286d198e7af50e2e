using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Data;

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

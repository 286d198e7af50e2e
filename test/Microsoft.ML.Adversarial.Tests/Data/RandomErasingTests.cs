namespace Microsoft.ML.Adversarial.Tests.Data;

public class RandomErasingTests
{
    private static readonly ImageShape Shape = new(3, 16, 20);

    [Fact]
    public void A_black_rectangle_of_an_area_and_aspect_as_stated_lies_in_about_as_many_images_as_stated()
    {
        var erasing = new RandomErasing();
        var areas = new List<double>();
        for (var seed = 0; seed < 1000; seed++)
        {
            var (rows, columns, isWhole) = Erased(erasing, seed);
            Assert.True(isWhole);
            if (rows > 0)
                areas.Add((double)(rows * columns) / (Shape.Height * Shape.Width));
        }

        // 500 with a deviation of 16.
        Assert.InRange(areas.Count, 420, 580);
        Assert.All(areas, area => Assert.InRange(area, 0.005, 0.45));
        Assert.InRange(areas.Average(), 0.19, 0.23);
    }

    [Fact]
    public void Cutout_is_a_square_of_a_quarter_of_every_image()
    {
        var places = new HashSet<string>();
        for (var seed = 0; seed < 100; seed++)
            Assert.Equal((9, 9, true), Erased(RandomErasing.Cutout, seed, places));
        Assert.True(places.Count > 20, $"{places.Count}");
    }

    /// <summary>Ten draws often do not fit into a wide image.</summary>
    [Fact]
    public void No_window_is_larger_than_stated_in_an_image_that_few_fit_into()
    {
        var (erasing, wide) = (new RandomErasing { Probability = 1, MinimumArea = 0.4 }, new ImageShape(1, 16, 64));
        for (var seed = 0; seed < 300; seed++)
        {
            float[] image = [.. Enumerable.Repeat(0.5f, wide.Length)];
            erasing.Apply(image, wide, new Seed((ulong)seed));
            Assert.InRange(image.Count(pixel => pixel == 0) / (double)wide.Length, 0.35, 0.45);
        }
    }

    [Fact]
    public void The_seed_alone_decides_and_the_other_variations_stay_what_they_were()
    {
        var (without, with) = (new Augmentation { HorizontalFlip = true, CropPadding = 2 }, new Augmentation { HorizontalFlip = true, CropPadding = 2, Erasing = RandomErasing.Cutout });

        for (var seed = 0; seed < 50; seed++)
        {
            var (varied, erased) = (Write(without, seed), Write(with, seed));
            Assert.Equal(erased, Write(with, seed));
            Assert.All(varied.Zip(erased), pair => Assert.True(pair.Second == 0 || pair.First == pair.Second));
        }
    }

    [Fact]
    public void Ranges_that_are_none_are_refused_by_name()
    {
        Assert.StartsWith(
            "MinimumArea of Erasing is 0.5; expected at most MaximumArea, which is 0.4.",
            Assert.Throws<ArgumentException>(new Augmentation { Erasing = new RandomErasing { MinimumArea = 0.5 } }.Check).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomErasing { Probability = 1.1 });
    }

    private static (int Rows, int Columns, bool IsWhole) Erased(RandomErasing erasing, int seed, HashSet<string>? places = null)
    {
        float[] image = [.. Enumerable.Repeat(0.5f, Shape.Length)];
        erasing.Apply(image, Shape, new Seed((ulong)seed));
        var black = Enumerable.Range(0, Shape.Length).Where(index => image[index] == 0)
            .Select(index => (Plane: index / (Shape.Height * Shape.Width), Y: index / Shape.Width % Shape.Height, X: index % Shape.Width)).ToList();
        var (rows, columns) = (black.Select(pixel => pixel.Y).Distinct().Count(), black.Select(pixel => pixel.X).Distinct().Count());
        if (black.Count > 0)
            places?.Add($"{black[0].Y},{black[0].X}");
        return (rows, columns, black.Count == Shape.Channels * rows * columns);
    }

    private static float[] Write(Augmentation augmentation, int seed)
    {
        var written = new float[Shape.Length];
        augmentation.Write(new PackedImage(0, 0, [.. Enumerable.Range(0, Shape.Length).Select(index => (1 + index % 255) / 255f)]), Shape, new Seed((ulong)seed), written);
        return written;
    }
}

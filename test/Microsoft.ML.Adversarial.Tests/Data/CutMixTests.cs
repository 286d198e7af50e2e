using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Data;

public class CutMixTests
{
    private const int Images = 5, Classes = 4;

    private static readonly ImageShape Shape = new(2, 8, 10);

    [Fact]
    public void Pixels_come_from_two_images_labels_have_the_shares_of_their_areas_and_the_larger_one_stands_for_both()
    {
        var mixed = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var (pixels, labels, targets) = Mixed(new CutMix(), seed);
            for (var image = 0; image < Images; image++)
            {
                var sources = pixels.Skip(image * Shape.Length).Take(Shape.Length).Select(value => (int)value).ToList();
                var others = sources.Where(source => source != image).Distinct().ToList();
                var shares = targets.Skip(image * Classes).Take(Classes).ToList();
                Assert.True(others.Count <= 1);
                mixed += others.Count;
                Assert.Equal(1, shares.Sum(), 1e-6);
                for (var label = 0; label < Classes; label++)
                    Assert.Equal(sources.Count(source => source % Classes == label) / (double)Shape.Length, shares[label], 1e-6);
                Assert.Equal(shares.Max(), shares[(int)labels[image]], 1e-6);
                // The same part of every channel.
                Assert.Equal(sources.Take(Shape.Length / 2), sources.Skip(Shape.Length / 2));
            }
        }
        // Half of them, less those whose partner is the image itself and windows of no pixel: about 0.5 * 0.8 * 0.95.
        Assert.InRange(mixed / (200.0 * Images), 0.3, 0.45);
    }

    [Fact]
    public void Without_probability_nothing_is_mixed()
    {
        var (pixels, labels, targets) = Mixed(new CutMix { Probability = 0 }, 1);

        Assert.Equal(Originals(), pixels);
        Assert.Equal([0, 1, 2, 3, 0], labels);
        Assert.Equal(Enumerable.Range(0, Images).SelectMany(image => Enumerable.Range(0, Classes).Select(label => label == image % Classes ? 1f : 0f)), targets);
    }

    [Fact]
    public void Batches_carry_their_targets_and_the_same_seed_gives_the_same()
    {
        using var scope = NewDisposeScope();
        var augmentation = new Augmentation { CutMix = new CutMix { Probability = 1 } };

        var (first, again) = (Batches(), Batches());

        Assert.Equal(first, again);
        Assert.Null(Reader().Epoch(0, Augmentation.None, new Seed(1)).First().Targets);

        List<float> Batches() => [.. Reader().Epoch(0, augmentation, new Seed(1)).SelectMany(batch =>
        {
            Assert.Equal([batch.Count, 3], batch.Targets!.shape);
            return (float[])[.. batch.Targets.data<float>(), .. batch.Images.data<float>()];
        })];

        static BatchReader Reader()
        {
            var view = new MLContext(seed: 1).Data.LoadFromEnumerable(PixelRow.Rows(20));
            return new BatchReader(new ImageReader(view, "Features", "Label", PixelVectorFormat.Of("Features", view.Schema["Features"].Type, null, null, PixelRange.GreyLevels))) { BatchSize = 8, Caches = true, ClassCount = 3 };
        }
    }

    private static (float[] Pixels, long[] Labels, float[] Targets) Mixed(CutMix cutMix, int seed)
    {
        var (pixels, labels) = (Originals(), Enumerable.Range(0, Images).Select(image => (long)(image % Classes)).ToArray());
        var targets = cutMix.Mix(pixels, labels, Classes, Shape, image => new Seed((ulong)seed).For(image));
        return (pixels, labels, targets);
    }

    /// <summary>Every pixel says whose it is.</summary>
    private static float[] Originals() => [.. Enumerable.Range(0, Images * Shape.Length).Select(index => (float)(index / Shape.Length))];
}

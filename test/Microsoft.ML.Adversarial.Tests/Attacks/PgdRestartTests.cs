using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>Where PGD starts, and what is kept of several starts.</summary>
public class PgdRestartTests
{
    private const float Exact = 1e-6f;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_starts_at_a_random_point_or_at_the_clean_image(bool startsClean)
    {
        using var scope = NewDisposeScope();
        var images = TestImages.Grey(3, 1, 2, 2);
        var starts = new List<bool>();
        var watched = new WatchingClassifier(LinearClassifier.Of(2, 4), start => starts.Add((start.detach() == images).all().item<bool>()));

        new PgdAttack(Budget.LInf(8)) { Steps = 1, Start = startsClean ? AttackStart.Clean : AttackStart.Random }.Craft(watched, images, TestImages.Labels(3, 2), ImageRandom.FromSeed(1, 3));

        Assert.Equal([startsClean], starts);
    }

    /// <summary>3 x 300 x 300 draws: their deviation is within 0.5 % of the noise's but for one time in 10,000.</summary>
    [Fact]
    public void Noise_around_the_clean_image_has_the_stated_deviation_and_stays_within_the_budget()
    {
        using var scope = NewDisposeScope();
        var images = zeros(3, 1, 300, 300).Plus(0.5);
        var asked = new List<float[]>();
        var watched = new WatchingClassifier(LinearClassifier.Of(2, 90_000), candidates => asked.Add(candidates.detach().sub(images).data<float>().ToArray()));
        var budget = Budget.LInf(8);

        float[] From(double deviation)
        {
            asked.Clear();
            new PgdAttack(budget) { Steps = 1, Start = AttackStart.Noise(deviation) }.Craft(watched, images, zeros(3, int64), ImageRandom.FromSeed(1, 3));
            return asked[0];
        }
        var (near, far) = (From(0.001), From(1));

        Assert.InRange(Math.Sqrt(near.Average(moved => (double)moved * moved)), 0.001 * 0.99, 0.001 * 1.01);
        Assert.InRange(near.Average(), -1e-5, 1e-5);
        Assert.Equal(budget.Radius, far.Max(Math.Abs), 1e-6);
        Assert.Throws<ArgumentOutOfRangeException>(() => AttackStart.Noise(0));
    }

    [Fact]
    public void Restarts_keep_the_first_success_of_each_image()
    {
        using var scope = NewDisposeScope();
        const int count = 40, restarts = 6;
        var (images, labels, random) = (TestImages.Grey(count, 1, 1, 2), zeros(count, dtype: int64), ImageRandom.FromSeed(5, count));
        var network = new LuckyClassifier();
        var attack = new PgdAttack(Budget.LInf(51)) { Steps = 1, Restarts = restarts };

        var adversarial = attack.Perturb(network, images, labels, random);

        // No gradient: every restart stays where it started. Replay the starts.
        var starts = Enumerable.Range(0, restarts).Select(restart => attack.Budget.RandomStart(images, random.For(0).For(restart))).ToList();
        var broken = starts.Select(network.IsBroken).ToList();
        var firstSuccesses = 0;
        for (var i = 0; i < count; i++)
        {
            var success = broken.FindIndex(isBroken => isBroken[i]);
            if (success < 0)
                continue;
            firstSuccesses++;
            Assert.Equal(TestImages.ToArray(starts[success][i]), TestImages.ToArray(adversarial[i]));
        }
        // Each start succeeds with 0.2: about 30 of 40 images break, many of them not at the first start nor at the last.
        Assert.InRange(firstSuccesses, 15, count - 1);
    }

    [Fact]
    public void Restarts_keep_the_highest_loss_of_an_image_that_never_breaks()
    {
        using var scope = NewDisposeScope();
        const int count = 20, restarts = 5;
        var (images, labels, random) = (TestImages.Grey(count, 1, 1, 2), zeros(count, dtype: int64), ImageRandom.FromSeed(5, count));
        var network = new LuckyClassifier(neverBreaks: true);
        var attack = new PgdAttack(Budget.LInf(51)) { Steps = 1, Restarts = restarts };

        var adversarial = attack.Perturb(network, images, labels, random);

        var firstPixels = Enumerable.Range(0, restarts).Select(restart => TestImages.ToArray(attack.Budget.RandomStart(images, random.For(0).For(restart))[.., 0, 0, 0])).ToList();
        for (var i = 0; i < count; i++)
            // The clean image, mid-grey, stands beside them.
            Assert.Equal(Math.Max(0.5f, firstPixels.Max(pixels => pixels[i])), adversarial[i, 0, 0, 0].item<float>(), Exact);
    }

    [Fact]
    public void More_restarts_never_lose_an_image_that_fewer_broke()
    {
        using var scope = NewDisposeScope();
        const int count = 60;
        var network = new LuckyClassifier();
        var before = new bool[count];
        for (var restarts = 1; restarts <= 6; restarts++)
        {
            var adversarial = new PgdAttack(Budget.LInf(51)) { Steps = 1, Restarts = restarts }
                .Perturb(network, TestImages.Grey(count, 1, 1, 2), zeros(count, dtype: int64), ImageRandom.FromSeed(9, count));
            var now = network.IsBroken(adversarial);
            Assert.DoesNotContain(before.Zip(now), pair => pair.First && !pair.Second);
            Assert.True(now.Count(isBroken => isBroken) > before.Count(isBroken => isBroken) || restarts > 3);
            before = now;
        }
    }

    [Fact]
    public void Later_restarts_see_only_the_images_that_still_resist()
    {
        using var scope = NewDisposeScope();
        const int count = 40;
        var sizes = new List<long>();
        var network = new LuckyClassifier();
        var watched = new WatchingClassifier(network, seen => sizes.Add(seen.shape[0]));

        new PgdAttack(Budget.LInf(51)) { Steps = 1, Restarts = 2 }.Perturb(watched, TestImages.Grey(count, 1, 1, 2), zeros(count, dtype: int64), ImageRandom.FromSeed(5, count));

        Assert.Equal(count, sizes[0]);
        Assert.InRange(sizes[^1], 1, count - 1);
    }

    /// <summary>
    /// No gradient, so that PGD stays at its random start. Class 1 wins over class 0 where the first pixel lies in a band that a start of Budget.LInf(51)
    /// around mid-grey hits with probability 0.2; elsewhere its score rises with that pixel.
    /// </summary>
    private sealed class LuckyClassifier(bool neverBreaks = false) : IImageClassifier
    {
        public int ClassCount => 2;

        public Tensor Logits(Tensor images)
        {
            var pixels = TestImages.ToArray(images.detach()[.., 0, 0, 0]);
            var second = tensor(pixels.Select(pixel => !neverBreaks && pixel is > 0.4f and < 0.48f ? 1 : pixel - 2).ToArray());
            return stack([zeros_like(second), second], 1).PlusScaled(images.flatten(1).sum(1, keepdim: true), 0);
        }

        public bool[] IsBroken(Tensor images) => Logits(images).argmax(1).data<long>().Select(found => found == 1).ToArray();
    }
}

using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

public class PgdAttackTests
{
    private const float Exact = 1e-6f;

    [Fact]
    public void Fgsm_is_one_signed_step_of_the_whole_radius()
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(2, 12);
        var images = TestImages.Uniform(6, 3, 2, 2);
        var labels = TestImages.Labels(6, 2);

        var adversarial = PgdAttack.Fgsm(Budget.LInf(8)).Perturb(network, images, labels, ImageRandom.FromSeed(1, 6));

        var expected = images.PlusScaled(UphillOfTwo(network, labels, images).sign(), 8 / 255.0).ClampInPlace(0, 1);
        Assert.True((adversarial - expected).abs().max().item<float>() <= Exact);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void On_a_linear_model_pgd_finds_the_L_inf_optimum_from_any_start(int seed)
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(2, 12);
        var images = TestImages.Uniform(6, 3, 2, 2);
        var labels = TestImages.Labels(6, 2);

        // 20 steps of a grey level: enough to cross the ball from -8 to 8.
        var adversarial = new PgdAttack(Budget.LInf(8)) { Steps = 20 }.Perturb(network, images, labels, ImageRandom.FromSeed(seed, 6));

        var optimum = images.PlusScaled(UphillOfTwo(network, labels, images).sign(), 8 / 255.0).ClampInPlace(0, 1);
        Assert.True((adversarial - optimum).abs().max().item<float>() <= Exact);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void On_a_linear_model_pgd_finds_the_L2_optimum_from_any_start(int seed)
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(2, 12);
        var images = TestImages.Grey(6, 3, 2, 2);
        var labels = TestImages.Labels(6, 2);

        var adversarial = new PgdAttack(Budget.L2(0.3)) { Steps = 40, StepSize = 0.3 }.Perturb(network, images, labels, ImageRandom.FromSeed(seed, 6));

        var uphill = UphillOfTwo(network, labels, images);
        var optimum = images.PlusScaled(uphill / uphill.ToThePower(2).sum([1, 2, 3], keepdim: true).sqrt(), 0.3);
        Assert.True((adversarial - optimum).abs().max().item<float>() <= 1e-5);
    }

    [Fact]
    public void A_random_target_is_uniform_over_the_wrong_classes()
    {
        using var scope = NewDisposeScope();
        const int count = 5000, classes = 6;
        var network = LinearClassifier.Of(classes, 1);
        var labels = tensor(Enumerable.Repeat(2L, count).ToArray());

        var targets = AttackGoal.RandomTarget.ChooseTargets(network, zeros(count, 1, 1, 1), labels, ImageRandom.FromSeed(3, count))!.data<long>().ToArray();

        // 1000 expected of each wrong class; five standard deviations are 141.
        for (var target = 0; target < classes; target++)
            Assert.InRange(targets.Count(chosen => chosen == target), target == 2 ? 0 : 859, target == 2 ? 0 : 1141);
        Assert.DoesNotContain(targets, target => target is < 0 or >= classes);
    }

    [Fact]
    public void Every_restart_draws_another_random_target()
    {
        using var scope = NewDisposeScope();
        var random = ImageRandom.FromSeed(3, 50);
        var labels = TestImages.Labels(50, 6);
        var network = LinearClassifier.Of(6, 1);

        var first = AttackGoal.RandomTarget.ChooseTargets(network, zeros(50, 1, 1, 1), labels, random.For(0));
        var second = AttackGoal.RandomTarget.ChooseTargets(network, zeros(50, 1, 1, 1), labels, random.For(1));

        Assert.NotEqual(first!.data<long>().ToArray(), second!.data<long>().ToArray());
    }

    [Fact]
    public void The_least_likely_target_is_the_lowest_score_among_the_wrong_classes()
    {
        using var scope = NewDisposeScope();
        var network = new LinearClassifier([[0], [0], [0], [0]], [3, -5, 1, -2]);
        var labels = tensor([0L, 1L, 2L, 3L]);

        var targets = AttackGoal.LeastLikely.ChooseTargets(network, zeros(4, 1, 1, 1), labels, ImageRandom.FromSeed(1, 4));

        Assert.Equal([1, 3, 1, 1], targets!.data<long>().ToArray());
    }

    [Fact]
    public void A_fixed_target_leaves_the_images_of_that_class_as_they_are()
    {
        using var scope = NewDisposeScope();
        var images = TestImages.Uniform(6, 1, 3, 3);
        var labels = TestImages.Labels(6, 3);

        var adversarial = new PgdAttack(Budget.LInf(8)) { Goal = AttackGoal.Target(1) }.Perturb(LinearClassifier.Of(3, 9), images, labels, ImageRandom.FromSeed(1, 6));

        var moved = (adversarial - images).abs().flatten(1).amax([1]);
        for (var i = 0; i < 6; i++)
            Assert.Equal(i % 3 != 1, moved[i].item<float>() > 0);
    }

    [Fact]
    public void A_target_beyond_the_networks_classes_is_refused()
    {
        using var scope = NewDisposeScope();
        var attack = new PgdAttack(Budget.LInf(8)) { Goal = AttackGoal.Target(3) };

        var exception = Assert.Throws<InvalidOperationException>(
            () => attack.Perturb(LinearClassifier.Of(3, 4), TestImages.Grey(2, 1, 2, 2), TestImages.Labels(2, 3), ImageRandom.FromSeed(1, 2)));

        Assert.Contains("target is class 3; the network knows classes 0 to 2", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => AttackGoal.Target(-1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(0.8)]
    [InlineData(1)]
    public void About_the_stated_share_of_the_batches_starts_clean_and_a_batch_starts_as_one(double probability)
    {
        using var scope = NewDisposeScope();
        const int batches = 400;
        var images = TestImages.Grey(3, 1, 2, 2);
        var labels = TestImages.Labels(3, 2);
        var attack = new PgdAttack(Budget.LInf(8)) { Steps = 1, CleanStartProbability = probability };
        var cleanStarts = 0;
        var watched = new WatchingClassifier(LinearClassifier.Of(2, 4), See);

        for (var seed = 0; seed < batches; seed++)
            attack.Perturb(watched, images, labels, ImageRandom.FromSeed(seed, 3)).Dispose();

        // A coin drawn from a normal distribution would fall below 0.2 in 58 % of the batches. The tolerance is four standard errors.
        Assert.Equal(probability, cleanStarts / (double)batches, 4 * Math.Sqrt(probability * (1 - probability) / batches) + 1e-9);

        void See(Tensor start)
        {
            var clean = (start.detach() == images).flatten(1).all(1).data<bool>().ToArray();
            Assert.Single(clean.Distinct());
            cleanStarts += clean[0] ? 1 : 0;
        }
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
        var starts = Enumerable.Range(0, restarts).Select(restart => attack.Budget.RandomStart(images, random.For(restart))).ToList();
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

        var firstPixels = Enumerable.Range(0, restarts).Select(restart => TestImages.ToArray(attack.Budget.RandomStart(images, random.For(restart))[.., 0, 0, 0])).ToList();
        for (var i = 0; i < count; i++)
            Assert.Equal(firstPixels.Max(pixels => pixels[i]), adversarial[i, 0, 0, 0].item<float>(), Exact);
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

    [Fact]
    public void The_step_size_is_in_grey_levels_for_L_inf_and_on_the_scale_of_0_to_1_for_L2()
    {
        using var scope = NewDisposeScope();
        var (images, labels, random) = (TestImages.Grey(2, 1, 2, 2), TestImages.Labels(2, 2), ImageRandom.FromSeed(1, 2));
        var network = LinearClassifier.Of(2, 4);
        var once = new PgdAttack(Budget.LInf(8)) { Steps = 1, CleanStartProbability = 1 };

        var lInf = (once with { StepSize = 2 }).Perturb(network, images, labels, random);
        var l2 = (once with { Budget = Budget.L2(0.5), StepSize = 0.1 }).Perturb(network, images, labels, random);

        Assert.Equal(2 / 255.0, Budget.LInf(8).Distance(lInf, images).min().item<float>(), Exact);
        Assert.Equal(0.1, Budget.L2(0.5).Distance(l2, images).min().item<float>(), Exact);
    }

    [Fact]
    public void An_images_gradient_does_not_depend_on_its_batch()
    {
        using var scope = NewDisposeScope();
        var (images, labels) = (TestImages.Uniform(8, 1, 2, 2), TestImages.Labels(8, 3));
        var budget = new WatchedBudget(Budget.LInf(8));
        var attack = new PgdAttack(budget) { Steps = 1, CleanStartProbability = 1 };
        var network = LinearClassifier.Of(3, 4);

        attack.Perturb(network, images, labels, ImageRandom.FromSeed(1, 8));
        var together = budget.LastGradient;
        attack.Perturb(network, images[..1], labels[..1], ImageRandom.FromSeed(1, 1));
        var alone = budget.LastGradient;

        Assert.Equal(4, alone.Length);
        Assert.All(alone.Zip(together), pair => Assert.Equal(pair.First, pair.Second, Exact));
        Assert.Contains(alone, value => Math.Abs(value) > 0.01f);
    }

    [Fact]
    public void The_budget_holds_in_pixels_whatever_normalisation_the_network_begins_with()
    {
        using var scope = NewDisposeScope();
        var architecture = new NetworkArchitecture { Image = new ImageShape(3, 8, 8), ClassCount = 3, Depth = 8, Width = 8, Pixels = new PixelNormalization([0.45], [0.1]) };
        using var frozen = ResidualNetwork.Create(architecture, CPU, new Seed(1)).Freeze(ImageDomain.Adversarial);
        var (images, labels, random) = (TestImages.Uniform(2, 3, 8, 8), TestImages.Labels(2, 3), ImageRandom.FromSeed(1, 2));

        var unmoved = PgdAttack.Fgsm(Budget.LInf(0)).Perturb(frozen, images, labels, random);
        var moved = PgdAttack.Fgsm(Budget.LInf(8)).Perturb(frozen, images, labels, random);

        Assert.Equal(TestImages.ToArray(images), TestImages.ToArray(unmoved));
        Assert.Equal(8 / 255.0, Budget.LInf(8).Distance(moved, images).max().item<float>(), Exact);
    }

    [Fact]
    public void Tensors_of_the_wrong_type_or_shape_are_refused_with_what_was_expected_and_what_came()
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(3, 4);
        var (images, labels, random) = (TestImages.Grey(2, 1, 2, 2), TestImages.Labels(2, 3), ImageRandom.FromSeed(1, 2));

        Refused("images", "images is Float64 [2, 1, 2, 2]; expected Float32 [batch, channels, height, width]", images.to(float64), labels, random);
        Refused("images", "images is Byte [2, 1, 2, 2]", images.to(uint8), labels, random);
        Refused("images", "images is Float32 [2, 2, 2]", images[.., 0], labels, random);
        Refused("labels", "labels is Int32 [2]; expected Int64 [2]", images, labels.to(int32), random);
        Refused("labels", "labels is Int64 [3]; expected Int64 [2]", images, TestImages.Labels(3, 3), random);
        Refused("labels", "labels is Int64 [2, 1]", images, labels.unsqueeze(1), random);
        Refused("random", "random has streams for 3 images; there are 2", images, labels, ImageRandom.FromSeed(1, 3));
        Assert.Throws<ArgumentNullException>("network", () => new PgdAttack(Budget.LInf(8)).Perturb(null!, images, labels, random));
        Assert.Throws<ArgumentNullException>("images", () => new PgdAttack(Budget.LInf(8)).Perturb(network, null!, labels, random));
        Assert.Throws<ArgumentNullException>("labels", () => new PgdAttack(Budget.LInf(8)).Perturb(network, images, null!, random));
        Assert.Throws<ArgumentNullException>("random", () => new PgdAttack(Budget.LInf(8)).Perturb(network, images, labels, null!));

        void Refused(string parameter, string message, Tensor givenImages, Tensor givenLabels, ImageRandom givenRandom)
        {
            var exception = Assert.Throws<ArgumentException>(parameter, () => new PgdAttack(Budget.LInf(8)).Perturb(network, givenImages, givenLabels, givenRandom));
            Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Options_outside_their_range_are_refused_by_name()
    {
        var attack = new PgdAttack(Budget.LInf(8));

        Assert.Contains("Steps must be from 1 to 10000; it is 0", Assert.Throws<ArgumentOutOfRangeException>(() => attack with { Steps = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("StepSize must be above 0", Assert.Throws<ArgumentOutOfRangeException>(() => attack with { StepSize = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("CleanStartProbability", Assert.Throws<ArgumentOutOfRangeException>(() => attack with { CleanStartProbability = 1.1 }).Message, StringComparison.Ordinal);
        Assert.Contains("Restarts", Assert.Throws<ArgumentOutOfRangeException>(() => attack with { Restarts = 0 }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("Goal", () => attack with { Goal = null! });
        Assert.Throws<ArgumentNullException>("Budget", () => attack with { Budget = null! });
        Assert.Throws<ArgumentNullException>("budget", () => new PgdAttack(null!));
    }

    [Fact]
    public void An_attack_prints_its_steps_budget_goal_and_restarts()
    {
        Assert.Equal("FGSM (L-inf 8/255, untargeted)", PgdAttack.Fgsm(Budget.LInf(8)).ToString());
        Assert.Equal("PGD-20 (L2 0.5, random target, 3 restarts)", new PgdAttack(Budget.L2(0.5)) { Steps = 20, Goal = AttackGoal.RandomTarget, Restarts = 3 }.ToString());
    }

    /// <summary>Of two classes: the cross-entropy rises along the difference of the other class's weights and the true one's.</summary>
    private static Tensor UphillOfTwo(LinearClassifier network, Tensor labels, Tensor images) =>
        (network.Weight.index_select(0, ones_like(labels) - labels) - network.Weight.index_select(0, labels)).view(images.shape);

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

    /// <summary>Remembers the gradient it was last asked to step along.</summary>
    private sealed record WatchedBudget(Budget Watched) : Budget
    {
        public float[] LastGradient { get; private set; } = [];

        public override double Radius => Watched.Radius;

        public override double DefaultStepSize(int steps) => Watched.DefaultStepSize(steps);

        public override Tensor RandomStart(Tensor images, ImageRandom random) => Watched.RandomStart(images, random);

        public override Tensor RandomDirection(Tensor images, ImageRandom random) => Watched.RandomDirection(images, random);

        public override Tensor SteepestDirection(Tensor gradient)
        {
            LastGradient = TestImages.ToArray(gradient);
            return Watched.SteepestDirection(gradient);
        }

        public override Tensor Project(Tensor candidates, Tensor images) => Watched.Project(candidates, images);

        public override Tensor Distance(Tensor candidates, Tensor images) => Watched.Distance(candidates, images);
    }
}

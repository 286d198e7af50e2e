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

        var adversarial = PgdAttack.Fgsm(Budget.LInf(8)).Craft(network, images, labels, ImageRandom.FromSeed(1, 6));

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
        var adversarial = new PgdAttack(Budget.LInf(8)) { Steps = 20 }.Craft(network, images, labels, ImageRandom.FromSeed(seed, 6));

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

        var adversarial = new PgdAttack(Budget.L2(0.3)) { Steps = 40, StepSize = StepSize.Unit(0.3) }.Craft(network, images, labels, ImageRandom.FromSeed(seed, 6));

        var uphill = UphillOfTwo(network, labels, images);
        var optimum = images.PlusScaled(uphill / uphill.ToThePower(2).sum([1, 2, 3], keepdim: true).sqrt(), 0.3);
        Assert.True((adversarial - optimum).abs().max().item<float>() <= 1e-5);
    }

    [Fact]
    public void A_step_size_carries_its_unit()
    {
        using var scope = NewDisposeScope();
        var (images, labels, random) = (TestImages.Grey(2, 1, 2, 2), TestImages.Labels(2, 2), ImageRandom.FromSeed(1, 2));
        var network = LinearClassifier.Of(2, 4);
        var once = new PgdAttack(Budget.LInf(8)) { Steps = 1, Start = AttackStart.Clean };

        var lInf = (once with { StepSize = StepSize.GreyLevels(2) }).Craft(network, images, labels, random);
        var l2 = (once with { Budget = Budget.L2(0.5), StepSize = StepSize.Unit(0.1) }).Craft(network, images, labels, random);

        Assert.Equal(2 / 255.0, Budget.LInf(8).Distance(lInf, images).min().item<float>(), Exact);
        Assert.Equal(0.1, Budget.L2(0.5).Distance(l2, images).min().item<float>(), Exact);
        var share = (once with { StepSize = StepSize.OfRadius(0.25) }).Craft(network, images, labels, random);
        Assert.Equal(2 / 255.0, Budget.LInf(8).Distance(share, images).max().item<float>(), Exact);
    }

    [Fact]
    public void An_images_gradient_does_not_depend_on_its_batch()
    {
        using var scope = NewDisposeScope();
        var (images, labels) = (TestImages.Uniform(8, 1, 2, 2), TestImages.Labels(8, 3));
        var budget = new WatchedBudget(Budget.LInf(8));
        var attack = new PgdAttack(budget) { Steps = 1, Start = AttackStart.Clean };
        var network = LinearClassifier.Of(3, 4);

        attack.Craft(network, images, labels, ImageRandom.FromSeed(1, 8));
        var together = budget.LastGradient;
        attack.Craft(network, images[..1], labels[..1], ImageRandom.FromSeed(1, 1));
        var alone = budget.LastGradient;

        Assert.Equal(4, alone.Length);
        Assert.All(alone.Zip(together), pair => Assert.Equal(pair.First, pair.Second, Exact));
        Assert.Contains(alone, value => Math.Abs(value) > 0.01f);
    }

    [Fact]
    public void The_budget_holds_in_pixels_whatever_normalisation_the_network_begins_with()
    {
        using var scope = NewDisposeScope();
        var architecture = new NetworkArchitecture { Image = new ImageShape(3, 8, 8), ClassCount = 3, Backbone = new ResNet(8) { Width = 8 }, Pixels = new PixelNormalization([0.45], [0.1]) };
        using var frozen = ImageNetwork.Create(architecture, CPU, new Seed(1)).Freeze(ImageDomain.Adversarial);
        var (images, labels, random) = (TestImages.Uniform(2, 3, 8, 8), TestImages.Labels(2, 3), ImageRandom.FromSeed(1, 2));

        var unmoved = PgdAttack.Fgsm(Budget.LInf(0)).Craft(frozen, images, labels, random);
        var moved = PgdAttack.Fgsm(Budget.LInf(8)).Craft(frozen, images, labels, random);

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
        Assert.Contains("greyLevels must be above 0", Assert.Throws<ArgumentOutOfRangeException>(() => StepSize.GreyLevels(0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("length", () => StepSize.Unit(0));
        Assert.Throws<ArgumentOutOfRangeException>("share", () => StepSize.OfRadius(-1));
        Assert.Throws<ArgumentNullException>("Loss", () => attack with { Loss = null! });
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

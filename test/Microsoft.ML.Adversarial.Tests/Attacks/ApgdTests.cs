using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

public class ApgdTests
{
    [Theory]
    // Windows of 22, 19, 16, 13, 10, 7, 6 and 6 steps.
    [InlineData(100, new[] { 21, 40, 56, 69, 79, 86, 92, 98 }, new[] { 22, 19, 16, 13, 10, 7, 6, 6 })]
    // 4, then never less than 1, one less each time.
    [InlineData(20, new[] { 3, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 }, new[] { 4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(1, new[] { 0 }, new[] { 1 })]
    public void Check_points_come_after_windows_that_shrink(int steps, int[] lastSteps, int[] windows)
    {
        var schedule = new ApgdSchedule(steps);

        var checks = Enumerable.Range(0, steps).Where(step => schedule.WindowEndingAt(step) is not null).ToList();

        Assert.Equal(lastSteps, checks);
        Assert.Equal(windows, checks.Select(step => schedule.WindowEndingAt(step)!.Value));
    }

    [Fact]
    public void The_first_step_goes_two_radii_and_the_later_ones_carry_a_quarter_of_the_last_move()
    {
        using var scope = NewDisposeScope();
        // The loss is the pixel itself: the gradient is 1 everywhere, and the ball is wide enough not to matter.
        var images = zeros(1, 1, 1, 1);
        var climb = new Climb(images, firstStep: 0.1, steps: 2, window: 100, point => Answer(ones_like(point), point.flatten()));

        climb.Step();
        Assert.Equal(0.1, climb.Search.Result.item<float>(), 1e-6f);
        climb.Step();

        // 0.1 + 0.75 x 0.1 + 0.25 x 0.1.
        Assert.Equal(0.2, climb.Search.Result.item<float>(), 1e-6f);
    }

    [Fact]
    public void A_step_that_overshoots_is_halved_at_the_check_and_the_best_point_taken_up_again()
    {
        using var scope = NewDisposeScope();
        // Two images whose losses rise towards 0.5: the first starts just beside the top and jumps over it all the time, the second climbs from afar.
        var start = tensor([0.48f, 0.02f], [2, 1, 1, 1]);
        var climb = new Climb(start, firstStep: 0.1, steps: 6, window: 5, Tent);

        climb.Step(5);

        Assert.Equal([0.05f, 0.1f], climb.Search.StepSize.data<float>().ToArray(), (expected, actual) => Math.Abs(expected - actual) < 1e-7f);
        var best = climb.Search.Result[0].item<float>();
        Assert.NotEqual(climb.Seen[^1], best, 1e-3f);
        var before = climb.Seen[^2];

        climb.Step();
        // Three quarters of half a step towards the top from the best point, and a quarter of the way there from where the last step began.
        Assert.Equal(best + 0.75f * 0.05f * Math.Sign(0.5f - best) + 0.25f * (best - before), climb.Seen[^1], 1e-6f);
    }

    [Fact]
    public void A_step_that_was_kept_once_and_brought_nothing_since_is_halved()
    {
        using var scope = NewDisposeScope();
        // At least four of five steps rise in either window; the second never surpasses the best of the first.
        var climb = Scripted(5, 6, 9, 10, 3, 4, 5, 6, 7, 8, 9);

        climb.Step(5);
        Assert.Equal(0.01f, climb.Search.StepSize.item<float>());

        climb.Step(5);
        Assert.Equal(0.005f, climb.Search.StepSize.item<float>());
    }

    [Fact]
    public void The_first_check_has_no_kept_step_to_blame()
    {
        using var scope = NewDisposeScope();
        // Four of five steps rise, none above the start.
        var climb = Scripted(9, 1, 2, 3, 4, 5);

        climb.Step(5);

        Assert.Equal(0.01f, climb.Search.StepSize.item<float>());
    }

    [Fact]
    public void A_loss_that_is_no_number_is_not_kept_as_the_best()
    {
        using var scope = NewDisposeScope();
        var climb = Scripted(1, float.NaN, 5, 2);

        climb.Step(3);

        Assert.Equal(climb.Seen[2], climb.Search.Result.item<float>());
    }

    /// <summary>Autograd hands out such a gradient as one number seen many times, which cannot be written to.</summary>
    [Fact]
    public void A_network_that_begins_with_a_sum_is_climbed_too()
    {
        using var scope = NewDisposeScope();
        var images = ones(2, 1, 3, 3).TimesInPlace(0.5);

        var adversarial = new ApgdAttack(Budget.LInf(8)) { Steps = 3 }.Perturb(new SummingClassifier(), images, tensor([0L, 0L]), ImageRandom.FromSeed(1, 2));

        // Class 0 is scored by the brightness.
        Assert.Equal(0.5f - 8f / 255, adversarial.max().item<float>(), 1e-6f);
    }

    [Fact]
    public void The_result_is_the_last_misclassified_point_even_where_another_has_a_higher_loss()
    {
        using var scope = NewDisposeScope();
        var answers = new Queue<(float Loss, bool IsBroken)>([(1, false), (5, true), (9, false), (3, true), (8, false)]);
        var climb = new Climb(zeros(1, 1, 1, 1), firstStep: 0.1, steps: 4, window: 100, point =>
        {
            var (loss, isBroken) = answers.Dequeue();
            return Answer(ones_like(point), tensor([loss]), isBroken);
        });

        climb.Step(4);

        Assert.Equal(climb.Seen[3], climb.Search.Result.item<float>());
    }

    [Theory]
    [InlineData("APGD-CE")]
    [InlineData("APGD-DLR")]
    [InlineData("APGD-T")]
    public void On_a_linear_model_it_finds_the_L_inf_optimum_without_a_step_size(string name)
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(2, 12);
        var images = TestImages.Uniform(6, 3, 2, 2);
        var labels = network.Logits(images).argmax(1);
        var attack = Named(name) with { Budget = Budget.LInf(2), Steps = 40 };

        var adversarial = attack.Perturb(network, images, labels, ImageRandom.FromSeed(3, 6));

        var uphill = (network.Weight.index_select(0, ones_like(labels) - labels) - network.Weight.index_select(0, labels)).view(images.shape);
        var optimum = images.PlusScaled(uphill.sign(), 2 / 255.0).ClampInPlace(0, 1);
        var stands = network.Logits(optimum).argmax(1) == labels;
        // An image that breaks is left alone before the optimum.
        Assert.True((adversarial - optimum).abs().flatten(1).amax([1]).masked_select(stands).max().item<float>() <= 1e-6);
        Assert.Equal(TestImages.ToArray(stands.to(float32)), TestImages.ToArray((network.Logits(adversarial).argmax(1) == labels).to(float32)));
    }

    [Fact]
    public void Gradient_samples_ask_the_network_again_at_the_same_point()
    {
        using var scope = NewDisposeScope();
        var asked = new List<float>();
        var watched = new WatchingClassifier(LinearClassifier.Of(3, 1), point => asked.Add(point.detach().mean().item<float>()));

        new ApgdAttack(Budget.LInf(0.5)) { Steps = 2, GradientSamples = 3 }
            .Perturb(watched, TestImages.Grey(1, 1, 1, 1), LinearClassifier.Of(3, 1).Logits(TestImages.Grey(1, 1, 1, 1)).argmax(1), ImageRandom.FromSeed(1, 1));

        // The clean image; start and two steps, three times each; what came of it.
        Assert.Equal(1 + 3 * 3 + 1, asked.Count);
        for (var point = 0; point < 3; point++)
            Assert.Single(asked.Skip(1 + 3 * point).Take(3).Distinct());
    }

    [Fact]
    public void It_prints_its_loss_steps_restarts_and_samples()
    {
        Assert.Equal("APGD-CE (L-inf 8/255, cross-entropy, untargeted, 100 steps)", new ApgdAttack(Budget.LInf(8)).ToString());
        Assert.Equal(
            "APGD-T (L2 0.5, difference of logits ratio, 9 targets, 50 steps, 2 restarts, 20 gradient samples)",
            new ApgdAttack(Budget.L2(0.5)) { Loss = AttackLoss.DifferenceOfLogitsRatio, Goal = AttackGoal.LikeliestTargets(), Steps = 50, Restarts = 2, GradientSamples = 20 }.ToString());
    }

    [Fact]
    public void Options_outside_their_range_are_refused_by_name()
    {
        var attack = new ApgdAttack(Budget.LInf(8));

        Assert.Throws<ArgumentOutOfRangeException>("Steps", () => attack with { Steps = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("Restarts", () => attack with { Restarts = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("GradientSamples", () => attack with { GradientSamples = 0 });
        Assert.Throws<ArgumentNullException>("Loss", () => attack with { Loss = null! });
        Assert.Throws<ArgumentOutOfRangeException>("targets", () => AttackGoal.LikeliestTargets(0));
    }

    private static ApgdAttack Named(string name) => AutoAttack.Plus(Budget.LInf(2)).Members.OfType<ApgdAttack>().Single(attack => attack.Name == name) with { Restarts = 1 };

    /// <summary>An ascent of one image with a first step of 0.01 that meets these losses, the first at its start.</summary>
    private static Climb Scripted(params float[] losses)
    {
        var values = new Queue<float>(losses);
        return new Climb(zeros(1, 1, 1, 1), firstStep: 0.01, steps: losses.Length - 1, window: 5, point => Answer(ones_like(point), tensor([values.Dequeue()])));
    }

    private static NetworkAnswer Tent(Tensor points)
    {
        var distance = points.Plus(-0.5);
        return Answer(distance.sign().neg(), distance.abs().neg().flatten());
    }

    private static NetworkAnswer Answer(Tensor gradient, Tensor losses, bool isBroken = false) => new()
    {
        Logits = zeros(losses.shape[0], 2),
        IsMisclassified = zeros_like(losses).to(@bool).logical_or(tensor(isBroken)),
        Gradient = gradient,
        Losses = losses.clone(),
    };

    /// <summary>A search before a network that a test makes up.</summary>
    private sealed class Climb
    {
        private readonly Func<Tensor, NetworkAnswer> answer;

        public Climb(Tensor start, double firstStep, int steps, int window, Func<Tensor, NetworkAnswer> answer)
        {
            this.answer = answer;
            var count = (int)start.shape[0];
            var input = new SearchInput(LinearClassifier.Of(2, 1), start, zeros(count, dtype: int64), ImageRandom.FromSeed(1, count));
            Search = new ApgdSearch(new ApgdAttack(Budget.LInf(255)), input, start, firstStep, new ApgdSchedule(steps, window));
            Step();
        }

        public ApgdSearch Search { get; }

        /// <summary>The first image at every question.</summary>
        public List<float> Seen { get; } = [];

        /// <summary>Asks and learns so many times.</summary>
        public void Step(int times = 1)
        {
            for (var i = 0; i < times; i++)
            {
                var candidates = Search.Candidates!;
                Seen.Add(candidates[0].item<float>());
                Search.Learn(answer(candidates));
            }
        }
    }

    /// <summary>Class 0 by the sum of all pixels, class 1 by none.</summary>
    private sealed class SummingClassifier : IImageClassifier
    {
        public int ClassCount => 2;

        public Tensor Logits(Tensor images)
        {
            var sum = images.sum([1, 2, 3]);
            return stack([sum, zeros_like(sum)], 1);
        }
    }
}

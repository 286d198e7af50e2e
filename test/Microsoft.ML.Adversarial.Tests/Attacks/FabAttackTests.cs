using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

public class FabAttackTests
{
    [Theory]
    [InlineData(9)]
    [InlineData(null)]
    public void On_a_linear_model_it_breaks_what_can_be_broken_and_nothing_else(int? targets)
    {
        using var scope = NewDisposeScope();
        const int count = 60;
        var network = LinearClassifier.Of(4, 12, scale: 0.2);
        var images = TestImages.Uniform(count, 3, 2, 2);
        var labels = network.Logits(images).argmax(1);
        foreach (var budget in (Budget[])[Budget.LInf(12), Budget.L2(0.12)])
        {
            var adversarial = new FabAttack(budget) { Goal = targets is { } wrong ? AttackGoal.LikeliestTargets(wrong) : AttackGoal.Untargeted, Steps = 20 }.Perturb(network, images, labels, ImageRandom.FromSeed(1, count));

            var broken = (network.Logits(adversarial).argmax(1) != labels).data<bool>().ToArray();
            var reachable = NearestBoundary(network, images, labels, budget).Select(distance => distance <= budget.Radius * 0.98).ToArray();
            var unreachable = NearestBoundary(network, images, labels, budget).Select(distance => distance > budget.Radius).ToArray();
            Assert.InRange(reachable.Count(is_ => is_), 10, count - 10);
            Assert.DoesNotContain(Enumerable.Range(0, count), i => reachable[i] && !broken[i]);
            Assert.DoesNotContain(Enumerable.Range(0, count), i => unreachable[i] && broken[i]);
        }
    }

    [Fact]
    public void A_misclassified_image_comes_back_as_it_was()
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(4, 12);
        var images = TestImages.Uniform(6, 3, 2, 2);
        var labels = network.Logits(images).argmin(1);

        var adversarial = new FabAttack(Budget.LInf(8)).Perturb(network, images, labels, ImageRandom.FromSeed(1, 6));

        Assert.Equal(TestImages.ToArray(images), TestImages.ToArray(adversarial));
    }

    [Fact]
    public void It_prints_its_steps_targets_and_restarts()
    {
        Assert.Equal("FAB-T (L-inf 8/255, 9 targets, 100 steps)", new FabAttack(Budget.LInf(8)).ToString());
        Assert.Equal("FAB (L2 0.5, untargeted, 50 steps, 5 restarts)", new FabAttack(Budget.L2(0.5)) { Goal = AttackGoal.Untargeted, Steps = 50, Restarts = 5 }.ToString());
    }

    [Fact]
    public void Options_outside_their_range_are_refused_by_name()
    {
        var attack = new FabAttack(Budget.LInf(8));

        Assert.Throws<ArgumentOutOfRangeException>("Steps", () => attack with { Steps = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("Restarts", () => attack with { Restarts = 1001 });
        Assert.Throws<ArgumentNullException>("Goal", () => attack with { Goal = null! });
    }

    /// <summary>The least distance at which some wrong class draws level, inside the pixel range.</summary>
    private static float[] NearestBoundary(LinearClassifier network, Tensor images, Tensor labels, Budget budget)
    {
        var logits = network.Logits(images);
        var nearest = ones_like(labels).to(float32).TimesInPlace(1000);
        for (var target = 0L; target < network.ClassCount; target++)
        {
            var targets = zeros_like(labels).AddInPlace(target);
            var weights = network.Weight.index_select(0, targets).sub(network.Weight.index_select(0, labels)).view(images.shape);
            var ahead = logits.gather(1, targets.unsqueeze(1)).sub(logits.gather(1, labels.unsqueeze(1))).squeeze(1);
            var way = new Hyperplane(images, ahead, weights).ShortestWay(budget, images);
            var arrives = ahead.Plus(weights.mul(way).flatten(1).sum(1)).abs().IsAtMost(1e-4).logical_and(targets != labels);
            nearest = where(arrives, minimum(nearest, budget.Distance(images.Plus(way), images)), nearest);
        }
        return TestImages.ToArray(nearest);
    }
}

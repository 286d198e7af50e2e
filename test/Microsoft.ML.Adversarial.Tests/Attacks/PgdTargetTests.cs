using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>The goals of PGD: which class an image is driven to.</summary>
public class PgdTargetTests
{
    [Fact]
    public void A_random_target_is_uniform_over_the_wrong_classes()
    {
        using var scope = NewDisposeScope();
        const int count = 5000, classes = 6;
        var network = LinearClassifier.Of(classes, 1);
        var labels = tensor(Enumerable.Repeat(2L, count).ToArray());

        var targets = AttackGoal.RandomTarget.ChooseTargets(new SearchInput(network, zeros(count, 1, 1, 1), labels, ImageRandom.FromSeed(3, count)))!.data<long>().ToArray();

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

        var first = AttackGoal.RandomTarget.ChooseTargets(new SearchInput(network, zeros(50, 1, 1, 1), labels, random.For(0)));
        var second = AttackGoal.RandomTarget.ChooseTargets(new SearchInput(network, zeros(50, 1, 1, 1), labels, random.For(1)));

        Assert.NotEqual(first!.data<long>().ToArray(), second!.data<long>().ToArray());
    }

    [Fact]
    public void The_least_likely_target_is_the_lowest_score_among_the_wrong_classes()
    {
        using var scope = NewDisposeScope();
        var network = new LinearClassifier([[0], [0], [0], [0]], [3, -5, 1, -2]);
        var labels = tensor([0L, 1L, 2L, 3L]);

        var targets = AttackGoal.LeastLikely.ChooseTargets(new SearchInput(network, zeros(4, 1, 1, 1), labels, ImageRandom.FromSeed(1, 4)));

        Assert.Equal([1, 3, 1, 1], targets!.data<long>().ToArray());
    }

    [Fact]
    public void A_fixed_target_leaves_the_images_of_that_class_as_they_are()
    {
        using var scope = NewDisposeScope();
        var images = TestImages.Uniform(6, 1, 3, 3);
        var labels = TestImages.Labels(6, 3);

        var adversarial = new PgdAttack(Budget.LInf(8)) { Goal = AttackGoal.Target(1) }.Craft(LinearClassifier.Of(3, 9), images, labels, ImageRandom.FromSeed(1, 6));

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
}

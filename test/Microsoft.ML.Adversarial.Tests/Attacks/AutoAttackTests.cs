using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

public class AutoAttackTests(AttackedNetworks networks) : IClassFixture<AttackedNetworks>
{
    [Fact]
    public void The_standard_version_is_the_papers_four_attacks()
    {
        var members = AutoAttack.Standard(Budget.LInf(8)).Members;

        Assert.Equal(
        [
            "APGD-CE (L-inf 8/255, cross-entropy, untargeted, 100 steps)",
            "APGD-T (L-inf 8/255, difference of logits ratio, 9 targets, 100 steps)",
            "FAB-T (L-inf 8/255, 9 targets, 100 steps)",
            "Square (L-inf 8/255, 5000 queries)",
        ], members.Select(member => member.ToString()));
    }

    [Fact]
    public void Plus_has_five_restarts_and_untargeted_FAB_and_rand_has_twenty_gradient_samples()
    {
        Assert.Equal(
        [
            "APGD-CE (L2 0.5, cross-entropy, untargeted, 100 steps, 5 restarts)",
            "APGD-DLR (L2 0.5, difference of logits ratio, untargeted, 100 steps, 5 restarts)",
            "FAB (L2 0.5, untargeted, 100 steps, 5 restarts)",
            "Square (L2 0.5, 5000 queries)",
            "APGD-T (L2 0.5, difference of logits ratio, 9 targets, 100 steps)",
            "FAB-T (L2 0.5, 9 targets, 100 steps)",
        ], AutoAttack.Plus(Budget.L2(0.5)).Members.Select(member => member.ToString()));
        Assert.Equal(
        [
            "APGD-CE (L-inf 8/255, cross-entropy, untargeted, 100 steps, 20 gradient samples)",
            "APGD-DLR (L-inf 8/255, difference of logits ratio, untargeted, 100 steps, 20 gradient samples)",
        ], AutoAttack.Randomized(Budget.LInf(8)).Members.Select(member => member.ToString()));
    }

    [Theory]
    [InlineData("L-inf", 1)]
    [InlineData("L-inf", 4)]
    [InlineData("L2", 1)]
    public void It_is_never_weaker_than_PGD_50(string norm, int seed)
    {
        using var scope = NewDisposeScope();
        const int count = 30;
        var (images, labels) = TestImages.Quarters(count, 3, 8, seed: (ulong)seed);
        var network = networks["residual, frozen"];
        var broken = 0;
        foreach (var levels in (double[])[4, 8, 16])
        {
            var budget = norm == "L2" ? Budget.L2(levels / 32) : Budget.LInf(levels);
            // Square is cut short: what it would add is not asked here.
            var attack = new AttackEnsemble("AutoAttack, short", budget, [.. AutoAttack.Standard(budget).Members.Select(member => member is SquareAttack square ? square with { Queries = 100 } : member)]);

            var byPgd = IsBroken(new PgdAttack(budget) { Steps = 50 });
            var byAutoAttack = IsBroken(attack);

            Assert.True(byAutoAttack.Count(is_ => is_) >= byPgd.Count(is_ => is_), $"{budget}: {byAutoAttack.Count(is_ => is_)} broken, {byPgd.Count(is_ => is_)} by PGD-50");
            broken += byPgd.Count(is_ => is_);

            bool[] IsBroken(Attack tried) =>
                (network.Logits(tried.Perturb(network, images, labels, ImageRandom.FromSeed(seed, count))).argmax(1) != labels).data<bool>().ToArray();
        }
        Assert.InRange(broken, 10, 3 * count - 10);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(12)]
    public void It_runs_on_any_number_of_classes_and_breaks_a_linear_model_where_that_is_possible(int classes)
    {
        using var scope = NewDisposeScope();
        const int count = 8;
        var network = LinearClassifier.Of(classes, 48, scale: 0.1);
        var images = TestImages.Uniform(count, 3, 4, 4);
        var labels = network.Logits(images).argmax(1);
        foreach (var version in (AttackEnsemble[])[Short(AutoAttack.Standard(Budget.LInf(255))), Short(AutoAttack.Plus(Budget.LInf(255))), Short(AutoAttack.Randomized(Budget.LInf(255)))])
        {
            var adversarial = version.Perturb(network, images, labels, ImageRandom.FromSeed(1, count));

            // Within the whole pixel range, a linear model with weights of both signs has no image that stands.
            Assert.Equal(count, (network.Logits(adversarial).argmax(1) != labels).sum().item<long>());
        }
    }

    [Fact]
    public void A_member_meets_only_the_images_that_those_before_it_left_standing()
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(3, 12);
        var images = TestImages.Uniform(9, 3, 2, 2);
        var labels = network.Logits(images).argmax(1);
        labels[0] = labels[0].Plus(ones(1, dtype: int64)[0]).Modulo(3);
        var first = new PickyAttack(Budget.LInf(8), Breaks: [1, 4]);
        var second = new PickyAttack(Budget.LInf(8), Breaks: [0]);
        var third = new PickyAttack(Budget.LInf(8), Breaks: []);

        new AttackEnsemble("three", Budget.LInf(255), [first, second, third]).Perturb(network, images, labels, ImageRandom.FromSeed(1, 9));

        // The first image is misclassified as it is.
        Assert.Equal([8], first.Met);
        Assert.Equal([6], second.Met);
        Assert.Equal([5], third.Met);
    }

    [Fact]
    public void An_ensemble_gives_its_budget_to_its_members_and_refuses_another_ensemble()
    {
        var ensemble = AutoAttack.Standard(Budget.LInf(8)) with { Budget = Budget.L2(1) };

        Assert.All(ensemble.Members, member => Assert.Equal(Budget.L2(1), member.Budget));
        Assert.True(ensemble.NeedsGradient);
        Assert.False(new AttackEnsemble("scores only", Budget.LInf(8), [new SquareAttack(Budget.LInf(8))]).NeedsGradient);
        Assert.Throws<ArgumentException>("members", () => new AttackEnsemble("nested", Budget.LInf(8), [ensemble]));
        Assert.Throws<ArgumentException>("members", () => new AttackEnsemble("empty", Budget.LInf(8), []));
    }

    private static AttackEnsemble Short(AttackEnsemble version) => new(version.Name, version.Budget, [.. version.Members.Select(member => member switch
    {
        ApgdAttack apgd => apgd with { Steps = 20 },
        FabAttack fab => fab with { Steps = 10 },
        SquareAttack square => square with { Queries = 50 },
        _ => member,
    })]);

    /// <summary>Counts the images it meets and breaks some of them, by their places, by taking a picture of another class.</summary>
    private sealed record PickyAttack(Budget Budget, int[] Breaks) : Attack(Budget)
    {
        public List<long> Met { get; } = [];

        public override string Name => "picky";

        protected internal override Search Begin(SearchInput input)
        {
            var images = input.Images;
            Met.Add(images.shape[0]);
            var adversarial = images.clone();
            foreach (var place in Breaks)
                adversarial[place] = new PgdAttack(Budget.LInf(255)) { Steps = 5 }.Craft(input.Network, images[place..(place + 1)], input.Labels[place..(place + 1)], ImageRandom.FromSeed(1, 1))[0];
            return Search.Once(input, adversarial);
        }
    }
}

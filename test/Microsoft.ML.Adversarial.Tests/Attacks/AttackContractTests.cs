using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>What every attack promises, on every kind of network. A new attack is one line in <see cref="ContractAttacks"/>.</summary>
public class AttackContractTests(AttackedNetworks networks) : IClassFixture<AttackedNetworks>
{
    public static TheoryData<string> TargetedAttackNames => [.. ContractAttacks.All.Keys.Where(name => name.Contains("target", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void The_result_lies_inside_the_budget_and_the_pixel_range(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var attack = ContractAttacks.All[attackName];
        // Half of the images are noise with black and white pixels, half are what the network knows.
        var images = cat([TestImages.Uniform(ContractAttacks.Count / 2, 3, 8, 8), TestImages.Quarters(ContractAttacks.Count / 2, 3, 8).Images]);
        // Some attacks leave a misclassified image alone.
        var labels = networks[networkName].Logits(images).argmax(1);

        var adversarial = attack.Perturb(networks[networkName], images, labels, ImageRandom.FromSeed(1, ContractAttacks.Count));

        // float32 rounding: 6e-8 a pixel, 192 pixels.
        Assert.True(attack.Budget.Distance(adversarial, images).max().item<float>() <= attack.Budget.Radius * (1 + 1e-5) + 1e-7);
        Assert.InRange(adversarial.min().item<float>(), 0, 1);
        Assert.InRange(adversarial.max().item<float>(), 0, 1);
        Assert.True((adversarial - images).abs().max().item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void A_budget_of_nothing_gives_the_input_back_exactly(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = (TestImages.Uniform(ContractAttacks.Count, 3, 8, 8), TestImages.Labels(ContractAttacks.Count, AttackedNetworks.ClassCount));
        var attack = ContractAttacks.All[attackName];
        attack = attack with { Budget = attack.Budget.ToString().StartsWith("L2", StringComparison.Ordinal) ? Budget.L2(0) : Budget.LInf(0) };

        var adversarial = attack.Perturb(networks[networkName], images, labels, ImageRandom.FromSeed(1, ContractAttacks.Count));

        Assert.Equal(TestImages.ToArray(images), TestImages.ToArray(adversarial));
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void The_loss_the_attack_raises_is_higher_than_on_the_clean_images(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);
        var (attack, network, random) = (ContractAttacks.All[attackName], networks[networkName], ImageRandom.FromSeed(1, ContractAttacks.Count));
        // With restarts an image may end at another restart's target; the loss of the true class is then the measure.
        var targets = attack is PgdAttack { Restarts: 1 } pgd ? pgd.Goal.ChooseTargets(new SearchInput(network, images, labels, random.For(0).For(0))) : null;

        // FAB looks for the nearest image that breaks, not for a high loss; where nothing breaks, an evaluation keeps the clean one.
        var adversarial = attack is FabAttack ? attack.Perturb(network, images, labels, random) : attack.Craft(network, images, labels, random);

        Assert.True(Loss(adversarial) > Loss(images), $"{Loss(images)} before, {Loss(adversarial)} after");

        double Loss(Tensor seen)
        {
            using var noGradient = no_grad();
            var logits = network.Logits(seen);
            // Square lowers the margin, which the cross-entropy of an image may not follow.
            if (attack is SquareAttack)
                return -LogitMargin.Of(logits, labels).mean().item<float>();
            if (attack is PgdAttack { Loss: var loss } && loss == AttackLoss.Divergence)
                return AttackLoss.Apart(network.Logits(images), logits).mean().item<float>();
            return targets is null
                ? nn.functional.cross_entropy(logits, labels).item<float>()
                : -nn.functional.cross_entropy(logits, targets).item<float>();
        }
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void The_same_seed_gives_the_same_result(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);

        var first = ContractAttacks.All[attackName].Perturb(networks[networkName], images, labels, ImageRandom.FromSeed(4, ContractAttacks.Count));
        var second = ContractAttacks.All[attackName].Perturb(networks[networkName], images, labels, ImageRandom.FromSeed(4, ContractAttacks.Count));

        Assert.Equal(TestImages.ToArray(first), TestImages.ToArray(second));
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void Attacking_a_batch_equals_attacking_its_images_one_by_one(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);
        var (attack, network, random) = (ContractAttacks.All[attackName], networks[networkName], ImageRandom.FromSeed(4, ContractAttacks.Count));

        var together = attack.Perturb(network, images, labels, random);
        var apart = cat([.. Enumerable.Range(0, ContractAttacks.Count).Select(i => attack.Perturb(network, images[i..(i + 1)], labels[i..(i + 1)], random.Select(tensor((long[])[i]))))]);

        // Convolutions round differently in batches of other sizes; the sign of a gradient next to zero may then turn for a pixel or two in a hundred.
        var differing = TestImages.ToArray((together - apart).abs()).Average(difference => difference > 1e-5 ? 1.0 : 0.0);
        Assert.InRange(differing, 0, networkName == "linear" ? 0 : 0.02);
    }

    [Theory]
    [MemberData(nameof(TargetedAttackNames))]
    public void A_target_is_never_the_true_class_and_an_image_without_a_wrong_target_stays_as_it_is(string attackName)
    {
        using var scope = NewDisposeScope();
        const int many = 200;
        var (images, labels) = TestImages.Quarters(many, 3, 8);
        var (attack, network, random) = ((PgdAttack)ContractAttacks.All[attackName], networks["linear"], ImageRandom.FromSeed(4, many));

        var adversarial = attack.Perturb(network, images, labels, random);

        var targets = attack.Goal.ChooseTargets(new SearchInput(network, images, labels, random.For(0).For(0)));
        Assert.NotNull(targets);
        Assert.InRange(targets.min().item<long>(), 0, AttackedNetworks.ClassCount - 1);
        Assert.InRange(targets.max().item<long>(), 0, AttackedNetworks.ClassCount - 1);
        var isTrue = targets == labels;
        var moved = adversarial.ne(images).flatten(1).any(1);
        Assert.False(isTrue.logical_and(moved).any().item<bool>());
        if (attack.Goal != AttackGoal.Target(1))
            Assert.False(isTrue.any().item<bool>());
    }
}

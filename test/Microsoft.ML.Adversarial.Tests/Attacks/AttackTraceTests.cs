using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>What attacks leave behind: the result and nothing else, on every kind of network.</summary>
public class AttackTraceTests(AttackedNetworks networks) : IClassFixture<AttackedNetworks>
{
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
        var targets = attack is PgdAttack { Restarts: 1 } pgd ? pgd.Goal.ChooseTargets(network, images, labels, random.For(0)) : null;

        var adversarial = attack.Perturb(network, images, labels, random);

        Assert.True(Loss(adversarial) > Loss(images), $"{Loss(images)} before, {Loss(adversarial)} after");

        double Loss(Tensor seen)
        {
            using var noGradient = no_grad();
            var logits = network.Logits(seen);
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
        var apart = cat([.. Enumerable.Range(0, ContractAttacks.Count).Select(i => attack.Perturb(network, images[i..(i + 1)], labels[i..(i + 1)], random.Select([i])))]);

        // Convolutions round differently in batches of other sizes; the sign of a gradient next to zero may then turn for a pixel or two in a hundred.
        var differing = TestImages.ToArray((together - apart).abs()).Average(difference => difference > 1e-5 ? 1.0 : 0.0);
        Assert.InRange(differing, 0, networkName == "linear" ? 0 : 0.02);
    }

    public static TheoryData<string> StepwiseAttackNames => [.. ContractAttacks.All.Where(pair => WithSteps(pair.Value, 1) is not null && pair.Key is not ("FGSM" or "FGSM L2")).Select(pair => pair.Key)];

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void Images_and_labels_are_left_as_they_were(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = (TestImages.Uniform(ContractAttacks.Count, 3, 8, 8), TestImages.Labels(ContractAttacks.Count, AttackedNetworks.ClassCount));
        var (pixels, classes) = (TestImages.ToArray(images), labels.data<long>().ToArray());

        var adversarial = ContractAttacks.All[attackName].Perturb(networks[networkName], images, labels, ImageRandom.FromSeed(1, ContractAttacks.Count));
        adversarial.zero_();

        Assert.Equal(pixels, TestImages.ToArray(images));
        Assert.Equal(classes, labels.data<long>().ToArray());
        Assert.False(images.requires_grad);
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.Names), MemberType = typeof(ContractAttacks))]
    public void A_network_in_training_keeps_parameters_statistics_and_pending_gradients(string attackName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);
        var network = networks.Residual;
        network.zero_grad();
        nn.functional.cross_entropy(network.call(images, ImageDomain.Adversarial, NormalizationStatistics.Running), labels).backward();
        var before = State(network);
        Assert.Contains(before, entry => entry.Key.EndsWith("gradient", StringComparison.Ordinal));
        Assert.Contains(before, entry => entry.Key.Contains("running", StringComparison.Ordinal));

        foreach (var name in (string[])["residual, frozen", "residual, live"])
            ContractAttacks.All[attackName].Perturb(networks[name], images, labels, ImageRandom.FromSeed(1, ContractAttacks.Count));

        var after = State(network);
        Assert.Equal(before.Keys, after.Keys);
        Assert.All(before, entry => Assert.Equal(entry.Value, after[entry.Key]));
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void The_result_carries_no_gradient_and_has_the_images_type_and_shape(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = (TestImages.Uniform(ContractAttacks.Count, 3, 8, 8), TestImages.Labels(ContractAttacks.Count, AttackedNetworks.ClassCount));

        var adversarial = ContractAttacks.All[attackName].Perturb(networks[networkName], images.requires_grad_(), labels, ImageRandom.FromSeed(1, ContractAttacks.Count));

        Assert.False(adversarial.requires_grad);
        Assert.Equal(float32, adversarial.dtype);
        Assert.Equal(images.shape, adversarial.shape);
        Assert.Null(images.grad);
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.Names), MemberType = typeof(ContractAttacks))]
    public void The_callers_gradient_mode_is_obeyed_and_restored(string attackName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);
        var attack = ContractAttacks.All[attackName];
        var network = networks["linear"];

        var enabled = attack.Perturb(network, images, labels, ImageRandom.FromSeed(1, ContractAttacks.Count));
        Assert.True(is_grad_enabled());
        using var noGradient = no_grad();
        var disabled = attack.Perturb(network, images, labels, ImageRandom.FromSeed(1, ContractAttacks.Count));

        Assert.False(is_grad_enabled());
        Assert.Equal(TestImages.ToArray(enabled), TestImages.ToArray(disabled));
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.WithNetworks), MemberType = typeof(ContractAttacks))]
    public void Nothing_but_the_result_is_left_alive(string attackName, string networkName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);
        var (network, random) = (networks[networkName], ImageRandom.FromSeed(1, ContractAttacks.Count));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var adversarial = ContractAttacks.All[attackName].Perturb(network, images, labels, random);

        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(scope.Contains(adversarial));
    }

    [Theory]
    [MemberData(nameof(ContractAttacks.Names), MemberType = typeof(ContractAttacks))]
    public void A_network_that_fails_leaves_nothing_alive_and_the_gradient_mode_as_it_was(string attackName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);
        var calls = 0;
        var failing = new WatchingClassifier(networks["linear"], _ => Assert.True(++calls < 2 && ContractAttacks.All[attackName] is not PgdAttack { Steps: 1 }, "the network's own failure"));
        var random = ImageRandom.FromSeed(1, ContractAttacks.Count);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var exception = Assert.ThrowsAny<Exception>(() => ContractAttacks.All[attackName].Perturb(failing, images, labels, random));

        Assert.Contains("the network's own failure", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(is_grad_enabled());
    }

    [Theory]
    [MemberData(nameof(StepwiseAttackNames))]
    public void The_peak_of_live_tensors_does_not_grow_with_the_steps(string attackName)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(ContractAttacks.Count, 3, 8);
        var network = networks["residual, frozen"];
        // A budget of one grey level leaves images to resist, so that every restart has work.
        Assert.Equal(Peak(2), Peak(20));

        long Peak(int steps)
        {
            var peak = 0L;
            var watched = new WatchingClassifier(network, _ => peak = Math.Max(peak, DisposeScopeManager.Statistics.ThreadTotalLiveCount));
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using var adversarial = (WithSteps(ContractAttacks.All[attackName], steps)! with { Budget = Budget.LInf(0.5) }).Perturb(watched, images, labels, ImageRandom.FromSeed(1, ContractAttacks.Count));
            return peak - before;
        }
    }

    private static Attack? WithSteps(Attack attack, int steps) => attack switch
    {
        PgdAttack pgd => pgd with { Steps = steps },
        ApgdAttack apgd => apgd with { Steps = steps },
        FabAttack fab => fab with { Steps = steps },
        SquareAttack square => square with { Queries = steps },
        _ => null,
    };

    private static Dictionary<string, float[]> State(ResidualNetwork network)
    {
        var state = network.state_dict().ToDictionary(entry => entry.Key, entry => TestImages.ToArray(entry.Value.detach().to(float32)));
        foreach (var (name, parameter) in network.named_parameters())
            if (parameter.grad is { } gradient)
                state[$"{name} gradient"] = TestImages.ToArray(gradient);
        return state;
    }
}

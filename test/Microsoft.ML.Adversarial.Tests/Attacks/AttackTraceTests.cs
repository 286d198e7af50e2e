using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>What attacks leave behind: the result and nothing else, on every kind of network.</summary>
public class AttackTraceTests(AttackedNetworks networks) : IClassFixture<AttackedNetworks>
{
    public static TheoryData<string> StepwiseAttackNames =>
        [.. ContractAttacks.All.Where(pair => WithSteps(pair.Value, 1) is not null && pair.Key is not ("FGSM" or "FGSM L2")).Select(pair => pair.Key)];

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
        nn.functional.cross_entropy(network.call(images, new Phase(ImageDomain.Adversarial, NormalizationStatistics.Running)), labels).backward();
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
        var failing = new WatchingClassifier(networks["linear"], _ => Assert.True(++calls < 2 && attackName != "fixed target", "the network's own failure"));
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
        var images = TestImages.Uniform(ContractAttacks.Count, 3, 8, 8);
        // Its answer moves so little that no image falls on any processor: every restart has work, and none goes on without those that fewer steps have left.
        var network = new Faint(networks["residual, frozen"]);
        var labels = network.Logits(images).argmax(1);
        Assert.Equal(Peak(2, isTraining: false), Peak(20, isTraining: false));
        Assert.Equal(Peak(2, isTraining: true), Peak(20, isTraining: true));

        long Peak(int steps, bool isTraining)
        {
            // A thread that has disposed of others' tensors counts from below zero.
            var peak = long.MinValue;
            var watched = new WatchingClassifier(network, _ => peak = Math.Max(peak, DisposeScopeManager.Statistics.ThreadTotalLiveCount));
            var attack = WithSteps(ContractAttacks.All[attackName], steps)! with { Budget = Budget.LInf(0.5) };
            var random = ImageRandom.FromSeed(1, ContractAttacks.Count);
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using var adversarial = isTraining ? attack.Craft(watched, images, labels, random) : attack.Perturb(watched, images, labels, random);
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

    private static Dictionary<string, float[]> State(ImageNetwork network)
    {
        var state = network.state_dict().ToDictionary(entry => entry.Key, entry => TestImages.ToArray(entry.Value.detach().to(float32)));
        foreach (var (name, parameter) in network.named_parameters())
            if (parameter.grad is { } gradient)
                state[$"{name} gradient"] = TestImages.ToArray(gradient);
        return state;
    }

    /// <summary>A network that sees a thousandth of the images.</summary>
    private sealed class Faint(IImageClassifier network) : IImageClassifier
    {
        public int ClassCount => network.ClassCount;

        public Tensor Logits(Tensor images) => network.Logits(images.Times(0.001));
    }
}

using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Which domain each image of a run passes through: crafting, update, measurement.</summary>
public class TrainingDomainTests
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(16)) { Steps = 3 };

    public static TheoryData<string> Mixtures => [TinyNetworks.Mixture, "mixture, shared affine", "mixture, shared statistics"];

    /// <summary>Issue text: the attack goes through the adversarial domain. Bit for bit, and the other ways give other images.</summary>
    [Theory]
    [InlineData(TinyNetworks.Plain)]
    [InlineData(TinyNetworks.Mixture)]
    [InlineData("mixture, shared affine")]
    [InlineData("mixture, shared statistics")]
    public void A_step_trains_on_the_images_that_its_attack_makes_of_the_adversarial_domain(string kind)
    {
        using var scope = NewDisposeScope();
        foreach (var crafting in Enum.GetValues<CraftingStatistics>())
        {
            using var network = TinyNetworks.Trained(kind);
            using var asItWas = TinyNetworks.Trained(kind);
            Tensor? trainedOn = null;
            var method = new HandMethod(
                (update, images, adversarial, labels) =>
                {
                    trainedOn = adversarial.clone().DetachFromDisposeScope();
                    return nn.functional.cross_entropy(update.Logits(images, adversarial).Adversarial, labels);
                },
                Pgd);

            Step(network, TinyProblem.Options with { Method = method, CraftingStatistics = crafting }, kind);

            using var actual = trainedOn!;
            foreach (var domain in TinyNetworks.Domains(kind))
            {
                foreach (var statistics in (NormalizationStatistics[])[NormalizationStatistics.Running, NormalizationStatistics.BatchUntracked])
                {
                    using var attacked = asItWas.Freeze(domain, statistics);
                    var crafted = Pgd.Craft(attacked, TinyNetworks.Images(kind, 6), TinyNetworks.Labels(kind, 6), ImageRandom.FromSeed(1, 6));
                    var isAsked = statistics == NormalizationStatistics.Running == (crafting == CraftingStatistics.Running);
                    // The batch at hand is the same in either domain: with one affine map for both there is nothing else to differ in.
                    var isSame = domain == ImageDomain.Adversarial || (kind == "mixture, shared affine" && crafting == CraftingStatistics.Batch);
                    Assert.Equal(isAsked && isSame, crafted.Equals(actual));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void Training_on_one_domain_leaves_what_the_other_has_for_itself_as_it_was(string kind)
    {
        using var network = TinyNetworks.Trained(kind);
        var untrained = TinyNetworks.State(network);

        Stays(ImageDomain.Adversarial, new PlainTraining());
        Stays(ImageDomain.Clean, new AdversarialTraining(Pgd));
        Stays(null, new AdversarialTraining(Pgd) { CleanRatio = 0.5 });

        void Stays(ImageDomain? domain, TrainingMethod method)
        {
            var trained = TrainedOn(kind, method);
            var same = trained.Where(entry => entry.Value.AsSpan().SequenceEqual(untrained[entry.Key])).Select(entry => entry.Key);
            Assert.Equal(trained.Keys.Where(name => name.Contains($".{domain}.", StringComparison.OrdinalIgnoreCase)).Order(), same.Order());
        }
    }

    /// <summary>The domain of the fitted model is a question of use: training is the same, and its reports are of that use.</summary>
    [Fact]
    public void The_inference_domain_changes_the_measured_clean_accuracy_and_nothing_else()
    {
        var (cleanReports, adversarialReports) = (new List<TrainingMetrics>(), new List<TrainingMetrics>());
        var method = new AdversarialTraining(new PgdAttack(Budget.LInf(64)) { Steps = 2 }) { CleanRatio = 1 };

        var clean = TrainedOn(TinyNetworks.Mixture, method, ImageDomain.Clean, cleanReports.Add);
        var adversarial = TrainedOn(TinyNetworks.Mixture, method, ImageDomain.Adversarial, adversarialReports.Add);

        Assert.Equal(clean, adversarial);
        Assert.Equal(cleanReports.Select(report => (report.Loss, report.RobustAccuracy)), adversarialReports.Select(report => (report.Loss, report.RobustAccuracy)));
        Assert.NotEqual(cleanReports.Select(report => report.CleanAccuracy), adversarialReports.Select(report => report.CleanAccuracy));
        Assert.Equal(MeasuredByHand(ImageDomain.Clean), cleanReports[0].CleanAccuracy);
        Assert.Equal(MeasuredByHand(ImageDomain.Adversarial), adversarialReports[0].CleanAccuracy);
    }

    /// <summary>One value for each channel has no variance: neither way of crafting may fail on it or spoil a weight.</summary>
    [Theory]
    [InlineData(CraftingStatistics.Running)]
    [InlineData(CraftingStatistics.Batch)]
    public void A_last_batch_of_one_tiny_image_is_attacked_and_trained_on(CraftingStatistics crafting)
    {
        using var scope = NewDisposeScope();
        var architecture = TinyProblem.Architecture with { Image = new ImageShape(1, 4, 4), Normalization = Normalization.MixtureBatch };
        using var network = ImageNetwork.Create(architecture, CPU, new Seed(1));
        var options = TinyProblem.Options with { Method = new AdversarialTraining(Pgd) { CleanRatio = 1 }, CraftingStatistics = crafting };

        TinyProblem.Train(network, options, _ => [.. ((int[])[4, 1]).Select(size => new ImageBatch(TinyNetworks.Images(architecture.Image, size), zeros(size, int64), [.. Enumerable.Range(0, size)]))], 2);

        Assert.All(network.state_dict(), entry => Assert.True(entry.Value.isfinite().all().item<bool>(), entry.Key));
    }

    private static double MeasuredByHand(ImageDomain domain)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(TinyNetworks.Mixture);
        using var frozen = network.Freeze(domain);
        using var batch = TinyNetworks.Batches(TinyNetworks.Mixture, 20).Single();
        return (frozen.Logits(batch.Images).argmax(1) == batch.Labels).sum().item<long>() / 20.0;
    }

    private static Dictionary<string, byte[]> TrainedOn(
        string kind, TrainingMethod method, ImageDomain? inferenceDomain = null, Action<TrainingMetrics>? report = null)
    {
        using var network = TinyNetworks.Trained(kind);
        var options = TinyProblem.Options with { Method = method, InferenceDomain = inferenceDomain, Epochs = 1 };
        TinyProblem.Train(network, options, _ => TinyNetworks.Batches(kind, 20, 20), 2, report);
        return TinyNetworks.State(network);
    }

    private static void Step(ImageNetwork network, TrainingOptions options, string kind)
    {
        using var optimizer = new GradientDescent(network.parameters(), momentum: 0, weightDecay: 0) { LearningRate = 0.1 };
        new TrainingStep(network, optimizer, options, new MethodMemory(CPU)).Run(TinyNetworks.Images(kind, 6), TinyNetworks.Labels(kind, 6), ImageRandom.FromSeed(1, 6), measures: false);
    }
}

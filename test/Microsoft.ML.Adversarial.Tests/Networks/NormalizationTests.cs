using Microsoft.ML.Adversarial.Tests.Training;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>The table in the remarks of <see cref="Normalization"/>, cell by cell, as one training step shows it.</summary>
public class NormalizationTests
{
    private const string Batch = "Batch", Mixture = "MixtureBatch";

    [Theory]
    [InlineData(Batch, CraftingStatistics.Running, "running")]
    [InlineData(Batch, CraftingStatistics.Batch, "own batch")]
    [InlineData(Mixture, CraftingStatistics.Running, "running, Adversarial")]
    [InlineData(Mixture, CraftingStatistics.Batch, "own batch, Adversarial")]
    public void The_attack_on_a_training_batch_normalises_as_the_table_says_and_moves_nothing(string normalization, CraftingStatistics crafting, string expected)
    {
        var step = Observe(normalization, TinyProblem.Options with { CraftingStatistics = crafting }, NormalizationStatistics.Batch);

        Assert.Equal(expected, step.CraftedWith);
        Assert.Equal([], step.MovedByAttack);
    }

    [Theory]
    [InlineData(Batch, false, "joint batch", "joint batch")]
    [InlineData(Batch, true, "running", "running")]
    [InlineData(Mixture, false, "own batch, Clean", "own batch, Adversarial")]
    [InlineData(Mixture, true, "running, Clean", "running, Adversarial")]
    public void The_weight_update_normalises_as_the_table_says_and_moves_the_running_statistics_outside_consistent_epochs(
        string normalization, bool isConsistent, string expectedClean, string expectedAdversarial)
    {
        var step = Observe(normalization, TinyProblem.Options, isConsistent ? NormalizationStatistics.Running : NormalizationStatistics.Batch);

        Assert.Equal((expectedClean, expectedAdversarial), (step.CleanWith, step.AdversarialWith));
        Assert.Equal(isConsistent ? [] : step.Statistics, step.MovedByUpdate);
    }

    [Theory]
    [InlineData(Batch, null, "running")]
    [InlineData(Mixture, null, "running, Adversarial")]
    [InlineData(Mixture, ImageDomain.Clean, "running, Clean")]
    public void At_test_time_the_running_statistics_of_the_inference_domain_are_used(string normalization, ImageDomain? inferenceDomain, string expected)
    {
        using var scope = NewDisposeScope();
        using var network = Network(normalization);
        var images = TinyNetworks.Images(TinyNetworks.Mixture, 4);
        var before = TinyNetworks.State(network);

        using var frozen = network.Freeze((TinyProblem.Options with { Method = Method(), InferenceDomain = inferenceDomain }).ResolvedInferenceDomain);

        Assert.Equal(expected, Name(frozen.Logits(images), network, images));
        Assert.Equal(before, TinyNetworks.State(network));
    }

    private static AdversarialTraining Method() => new(new PgdAttack(Budget.LInf(16)) { Steps = 1 }) { CleanRatio = 1 };

    /// <summary>Clean and adversarial domain differ in everything.</summary>
    private static ImageNetwork Network(string normalization)
    {
        using var mixture = TinyNetworks.Trained(TinyNetworks.Mixture);
        return mixture.Copy(Normalizations.Of(normalization), ImageDomain.Adversarial);
    }

    /// <summary>One update of a network that has been trained, watched from within: from the attack, and from the method.</summary>
    private static Observation Observe(string normalization, TrainingOptions options, NormalizationStatistics statistics)
    {
        using var scope = NewDisposeScope();
        using var network = Network(normalization);
        using var asItWas = Network(normalization);
        var images = TinyNetworks.Images(TinyNetworks.Mixture, 4);
        var before = Statistics(network);
        var (craftedWith, cleanWith, adversarialWith, movedByAttack) = ("", "", "", new List<string>());

        var attack = new RecordingAttack(
            new PgdAttack(Budget.LInf(64)) { Steps = 1 }, (attacked, crafted) => craftedWith = Name(attacked.Logits(crafted), asItWas, crafted));
        var method = new HandMethod(
            (update, clean, adversarial, labels) =>
            {
                movedByAttack = Moved(before, Statistics(network));
                var logits = update.Logits(clean, adversarial);
                cleanWith = Name(logits.Clean, asItWas, clean, adversarial);
                adversarialWith = Name(logits.Adversarial, asItWas, adversarial, clean);
                return nn.functional.cross_entropy(cat([logits.Clean, logits.Adversarial]), labels.repeat(2));
            },
            attack);
        using var optimizer = new GradientDescent(network.parameters(), momentum: 0, weightDecay: 0) { LearningRate = 0.1 };
        var step = new TrainingStep(network, optimizer, options with { Method = method }, new MethodMemory(CPU)) { Statistics = statistics };
        step.Run(images, TinyNetworks.Labels(TinyNetworks.Mixture, 4), ImageRandom.FromSeed(1, 4), measures: true);

        return new Observation(craftedWith, movedByAttack, cleanWith, adversarialWith, Moved(before, Statistics(network)), [.. before.Keys.Order()]);
    }

    /// <summary>Which of all ways of normalising gives these logits: there must be exactly one.</summary>
    /// <param name="logits">Of the images.</param>
    /// <param name="network">As it was when they were made.</param>
    /// <param name="images">The images.</param>
    /// <param name="others">Images of the other domain that may have been in the batch.</param>
    private static string Name(Tensor logits, ImageNetwork network, Tensor images, Tensor? others = null)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var matching =
            from domain in network.Architecture.Normalization.SeparatesDomains ? Enum.GetValues<ImageDomain>() : [ImageDomain.Clean]
            from way in (string[])["running", "own batch", .. others is null ? Array.Empty<string>() : ["joint batch"]]
            where TinyNetworks.Difference(Logits(domain, way), logits) < 1e-4
            select network.Architecture.Normalization.SeparatesDomains ? $"{way}, {domain}" : way;
        return Assert.Single(matching.ToList());

        Tensor Logits(ImageDomain domain, string way) => way switch
        {
            "running" => network.call(images, new Phase(domain, NormalizationStatistics.Running)),
            "own batch" => network.call(images, new Phase(domain, NormalizationStatistics.BatchUntracked)),
            _ => network.call(cat([images, others!]), new Phase(domain, NormalizationStatistics.BatchUntracked))[..(int)images.shape[0]],
        };
    }

    private static Dictionary<string, byte[]> Statistics(ImageNetwork network)
    {
        var names = network.named_buffers().Select(entry => entry.name).ToHashSet();
        return TinyNetworks.State(network).Where(entry => names.Contains(entry.Key)).ToDictionary();
    }

    private static List<string> Moved(Dictionary<string, byte[]> before, Dictionary<string, byte[]> after) =>
        [.. before.Keys.Where(name => !before[name].AsSpan().SequenceEqual(after[name])).Order()];

    private sealed record Observation(
        string CraftedWith, List<string> MovedByAttack, string CleanWith, string AdversarialWith, List<string> MovedByUpdate, List<string> Statistics);
}

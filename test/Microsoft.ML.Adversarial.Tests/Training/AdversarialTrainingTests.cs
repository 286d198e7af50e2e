using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Mixing and logit pairing against the formula in the remarks of <see cref="AdversarialTraining"/>, and against runs written by hand.</summary>
public class AdversarialTrainingTests
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(16)) { Steps = 2 };

    /// <summary>
    /// Four images of three classes, labelled 0, 1, 2, 0; attacked probabilities of the true class 1/2, 1/4, 1/8, 1/2, so cross-entropies of 1, 2, 3, 1 ln 2;
    /// clean ones of the first two images 1/2 and 1/2, so 1 and 1 ln 2.
    /// </summary>
    /// <remarks>
    /// With k = 2: (a 7 + c 2) ln 2/(4 a + 2 c). a = c = 1: 9/6 ln 2. a = 1, c = 3: 13/10 ln 2. a = 2, c = 0: 7/4 ln 2. a = 0, c = 5: 1 ln 2.
    /// Pairing adds p times the mean squared difference of logits over the two pairs and three classes. The first image's are the same but for an offset of 0.6, which
    /// pairing sees and cross-entropy does not: 3 x 0.36. The second's (1/4, 1/4, 1/2 against 1/4, 1/2, 1/4) differ by ln 2 in two classes: 2 x 0.480453. Together 2.040906/6 = 0.340151.
    /// </remarks>
    [Theory]
    [InlineData(1, 1, 0, 1.0397207708)]
    [InlineData(1, 3, 0, 0.9010913347)]
    [InlineData(2, 0, 0, 1.2130075660)]
    [InlineData(0, 5, 0, 0.6931471806)]
    [InlineData(1, 1, 0.5, 1.2097962731)]
    [InlineData(1, 3, 2, 1.5813933440)]
    public void The_loss_is_what_the_hand_computes(double adversarialWeight, double cleanWeight, double pairingWeight, double expected)
    {
        using var scope = NewDisposeScope();
        var attacked = tensor(new[,] { { 0.5f, 0.25f, 0.25f }, { 0.25f, 0.25f, 0.5f }, { 0.5f, 0.375f, 0.125f }, { 0.5f, 0.25f, 0.25f } }).log();
        var clean = tensor(new[,] { { 0.5f, 0.25f, 0.25f }, { 0.25f, 0.5f, 0.25f } }).log().Plus(tensor(new[,] { { 0.6f }, { 0f } }));
        var network = new ScriptedNetwork(clean, attacked);
        var images = Numbered(4);
        var method = new AdversarialTraining(Pgd)
        {
            CleanRatio = 0.5,
            AdversarialWeight = adversarialWeight,
            CleanWeight = cleanWeight,
            LogitPairingWeight = pairingWeight,
        };

        var loss = HandMethod.LossOf(method, network, images, images.Plus(10), tensor(new long[] { 0, 1, 2, 0 }));

        Assert.Equal([], loss.shape);
        Assert.Equal(expected, loss.item<float>(), 1e-6);
        Assert.Equal(["clean 0 1, adversarial 10 11 12 13"], network.Seen);
    }

    /// <summary>Halves away from zero; no clean image at all is attacked images alone, in a call for one domain.</summary>
    [Theory]
    [InlineData(0, 5, "adversarial 10 11 12 13 14")]
    [InlineData(0.09, 5, "adversarial 10 11 12 13 14")]
    [InlineData(0.1, 5, "clean 0, adversarial 10 11 12 13 14")]
    [InlineData(0.29, 5, "clean 0, adversarial 10 11 12 13 14")]
    [InlineData(0.3, 5, "clean 0 1, adversarial 10 11 12 13 14")]
    [InlineData(0.5, 5, "clean 0 1 2, adversarial 10 11 12 13 14")]
    [InlineData(0.5, 1, "clean 0, adversarial 10")]
    [InlineData(0.49, 1, "adversarial 10")]
    [InlineData(1, 3, "clean 0 1 2, adversarial 10 11 12")]
    public void The_first_images_enter_clean_as_many_as_the_rounded_ratio(double ratio, int count, string expected)
    {
        using var scope = NewDisposeScope();
        var network = new ScriptedNetwork(zeros(count, 3), zeros(count, 3));
        var images = Numbered(count);

        HandMethod.LossOf(new AdversarialTraining(Pgd) { CleanRatio = ratio }, network, images, images.Plus(10), zeros(count, int64));

        Assert.Equal([expected], network.Seen);
    }

    /// <summary>Bit for bit: a ratio of 0 is attacked images alone, one of 1 the full mixture, and a pairing of weight 0 no pairing.</summary>
    [Fact]
    public void The_ends_of_the_ratio_are_the_runs_written_by_hand_and_the_middle_is_another()
    {
        var attackedAlone = Trained(HandMethod.Attacked(Pgd));
        var mixture = Trained(HandMethod.FullMixture(Pgd));

        Assert.Equal(attackedAlone, Trained(new AdversarialTraining(Pgd) { CleanRatio = 0 }));
        Assert.Equal(attackedAlone, Trained(new AdversarialTraining(Pgd) { CleanRatio = 0, CleanWeight = 7, AdversarialWeight = 3 }));
        Assert.Equal(mixture, Trained(new AdversarialTraining(Pgd) { CleanRatio = 1 }));
        Assert.Equal(mixture, Trained(new AdversarialTraining(Pgd) { CleanRatio = 1, LogitPairingWeight = 0 }));
        Assert.NotEqual(mixture, attackedAlone);
        var half = Trained(new AdversarialTraining(Pgd) { CleanRatio = 0.5 });
        Assert.All([mixture, attackedAlone], other => Assert.NotEqual(other["conv1.weight"], half["conv1.weight"]));
        Assert.NotEqual(mixture["conv1.weight"], Trained(new AdversarialTraining(Pgd) { CleanRatio = 1, LogitPairingWeight = 0.5 })["conv1.weight"]);
        Assert.NotEqual(mixture["conv1.weight"], Trained(new AdversarialTraining(Pgd) { CleanRatio = 1, CleanWeight = 2 })["conv1.weight"]);
    }

    /// <summary>A last batch so small that no image of it enters clean: its attacked images still count as much as they are said to.</summary>
    [Fact]
    public void A_batch_without_a_clean_image_counts_nothing_where_attacked_images_do_not_count()
    {
        using var scope = NewDisposeScope();
        var network = new ScriptedNetwork(zeros(1, 3), zeros(1, 3));
        var method = new AdversarialTraining(Pgd) { CleanRatio = 0.3, AdversarialWeight = 0 };

        Assert.Equal(0, HandMethod.LossOf(method, network, Numbered(1), Numbered(1), zeros(1, int64)).item<float>());
    }

    [Fact]
    public void Label_smoothing_goes_for_clean_and_attacked_images()
    {
        using var scope = NewDisposeScope();
        var network = new ScriptedNetwork(tensor(new[,] { { 1f, 2f, 3f } }), tensor(new[,] { { 0f, 1f, 3f } }));
        var (images, labels) = (zeros(1, 1, 1, 1), zeros(1, int64));

        var loss = HandMethod.LossOf(new AdversarialTraining(Pgd) { CleanRatio = 1, LabelSmoothing = 0.1 }, network, images, images, labels);

        // ln(e + e² + e³) - (0.9 x 1 + 0.1 x 2) and ln(1 + e + e³) - (0.9 x 0 + 0.1 x 4/3), and their mean.
        var (clean, attacked) = (Math.Log(Math.E + Math.Exp(2) + Math.Exp(3)) - 1.1, Math.Log(1 + Math.E + Math.Exp(3)) - 0.4 / 3);
        Assert.Equal((clean + attacked) / 2, loss.item<float>(), 1e-6);
    }

    [Fact]
    public void Pairing_without_clean_images_is_refused_before_the_first_batch()
    {
        var refused = RefusedBeforeTheFirstBatch(new AdversarialTraining(Pgd) { LogitPairingWeight = 0.5 });

        Assert.Equal("LogitPairingWeight is 0.5 and CleanRatio 0: no image enters clean to be paired; expected a CleanRatio above 0.", refused.Message);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 0)]
    public void Weights_that_let_no_image_count_are_refused_before_the_first_batch(double adversarialWeight, double cleanWeight, double ratio)
    {
        var refused = RefusedBeforeTheFirstBatch(
            new AdversarialTraining(Pgd) { AdversarialWeight = adversarialWeight, CleanWeight = cleanWeight, CleanRatio = ratio });

        Assert.StartsWith($"AdversarialWeight is 0, CleanWeight {cleanWeight} and CleanRatio {ratio}: no image counts;", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(AdversarialTraining.CleanRatio), -0.1, 1.1)]
    [InlineData(nameof(AdversarialTraining.AdversarialWeight), -1, 1001)]
    [InlineData(nameof(AdversarialTraining.CleanWeight), -1, double.NaN)]
    [InlineData(nameof(AdversarialTraining.LogitPairingWeight), -0.5, double.PositiveInfinity)]
    public void Numbers_outside_their_ranges_are_refused_by_name(string option, double below, double above)
    {
        foreach (var value in (double[])[below, above])
        {
            Func<AdversarialTraining> create = option switch
            {
                nameof(AdversarialTraining.CleanRatio) => () => new AdversarialTraining(Pgd) { CleanRatio = value },
                nameof(AdversarialTraining.AdversarialWeight) => () => new AdversarialTraining(Pgd) { AdversarialWeight = value },
                nameof(AdversarialTraining.CleanWeight) => () => new AdversarialTraining(Pgd) { CleanWeight = value },
                _ => () => new AdversarialTraining(Pgd) { LogitPairingWeight = value },
            };
            Assert.StartsWith(option, Assert.Throws<ArgumentOutOfRangeException>(create).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Images of one pixel that is their number.</summary>
    private static Tensor Numbered(int count) => tensor(Enumerable.Range(0, count).Select(number => (float)number).ToArray(), [count, 1, 1, 1]);

    private static ArgumentException RefusedBeforeTheFirstBatch(TrainingMethod method)
    {
        using var network = TinyProblem.Network();
        return Assert.Throws<ArgumentException>(() => TinyProblem.Train(
            network, TinyProblem.Options with { Method = method }, _ => throw new InvalidOperationException("asked for a batch"), 1));
    }

    /// <summary>The weights and statistics of a mixture network after some updates.</summary>
    private static Dictionary<string, byte[]> Trained(TrainingMethod method)
    {
        using var network = TinyProblem.Network(Normalization.MixtureBatch);
        TinyProblem.Train(network, TinyProblem.Options with { Method = method }, _ => TinyProblem.Batches(0, 8, 8), 2);
        return TinyNetworks.State(network);
    }

    /// <summary>Answers with given logits and notes which images it was shown; an image is known by its first pixel.</summary>
    private sealed class ScriptedNetwork(Tensor clean, Tensor adversarial) : ITrainableClassifier
    {
        public List<string> Seen { get; } = [];

        public int ClassCount => (int)clean.shape[1];

        public ITrainableClassifier Untracked => this;

        public Tensor Logits(Tensor images, ImageDomain domain)
        {
            Seen.Add(Describe(domain, images));
            return (domain == ImageDomain.Clean ? clean : adversarial)[..(int)images.shape[0]].clone();
        }

        public (Tensor Clean, Tensor Adversarial) Logits(Tensor cleanImages, Tensor adversarialImages)
        {
            Seen.Add($"{Describe(ImageDomain.Clean, cleanImages)}, {Describe(ImageDomain.Adversarial, adversarialImages)}");
            return (clean[..(int)cleanImages.shape[0]].clone(), adversarial[..(int)adversarialImages.shape[0]].clone());
        }

        private static string Describe(ImageDomain domain, Tensor images) =>
            $"{domain.ToString().ToLowerInvariant()} {string.Join(' ', images.flatten(1)[.., 0].data<float>().ToArray())}";
    }
}

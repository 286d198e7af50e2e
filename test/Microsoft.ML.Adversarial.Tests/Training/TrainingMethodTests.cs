using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

public class TrainingMethodTests
{
    /// <summary>
    /// Probabilities 0.7, 0.2, 0.1 of a first image of class 0 and 0.25, 0.5, 0.25 of a second of class 1: -ln 0.7 = 0.35667, -ln 0.2 = 1.60944, -ln 0.1 = 2.30259;
    /// ln 4 = 1.38629, ln 2 = 0.69315. Smoothed by 0.1: 0.9 of the true class's and 0.1/3 of the sum: 0.46330 and 0.73936; mean 0.60133.
    /// </summary>
    [Theory]
    [InlineData(0, 0.5249110622)]
    [InlineData(0.1, 0.6013278246)]
    public void Cross_entropy_with_label_smoothing_is_what_the_hand_computes(double smoothing, double expected)
    {
        using var scope = NewDisposeScope();
        var network = new FixedNetwork(tensor(new[,] { { 0.7f, 0.2f, 0.1f }, { 0.25f, 0.5f, 0.25f } }).log());
        using var images = zeros(2, 1, 4, 4);

        var loss = HandMethod.LossOf(new PlainTraining { LabelSmoothing = smoothing }, network, images, images, tensor(new long[] { 0, 1 }));

        Assert.Equal([], loss.shape);
        Assert.Equal(expected, loss.item<float>(), 1e-6);
    }

    [Fact]
    public void Plain_training_looks_at_the_clean_images_in_the_clean_domain()
    {
        using var scope = NewDisposeScope();
        var network = new FixedNetwork(zeros(2, 3));
        var (images, adversarial) = (zeros(2, 1, 4, 4), ones(2, 1, 4, 4));

        HandMethod.LossOf(new PlainTraining(), network, images, adversarial, zeros(2, int64));

        Assert.Equal([(images, ImageDomain.Clean)], network.Seen);
        Assert.Null(new PlainTraining().Attack);
    }

    [Fact]
    public void Adversarial_training_looks_at_the_attacked_images_alone_in_the_adversarial_domain()
    {
        using var scope = NewDisposeScope();
        var network = new FixedNetwork(zeros(2, 3));
        var (images, adversarial) = (zeros(2, 1, 4, 4), ones(2, 1, 4, 4));
        var attack = new PgdAttack(Budget.LInf(8));

        HandMethod.LossOf(new AdversarialTraining(attack), network, images, adversarial, zeros(2, int64));

        Assert.Equal([(adversarial, ImageDomain.Adversarial)], network.Seen);
        Assert.Same(attack, new AdversarialTraining(attack).Attack);
    }

    [Fact]
    public void A_smoothing_of_everything_and_a_missing_attack_are_refused()
    {
        Assert.StartsWith(
            "LabelSmoothing must be from 0 to 0.999; it is 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new PlainTraining { LabelSmoothing = 1 }).Message, StringComparison.Ordinal);
        Assert.Equal("attack", Assert.Throws<ArgumentNullException>(() => new AdversarialTraining(null!)).ParamName);
    }

    private sealed class FixedNetwork(Tensor logits) : ITrainableClassifier
    {
        public List<(Tensor Images, ImageDomain Domain)> Seen { get; } = [];

        public int ClassCount => (int)logits.shape[1];

        public ITrainableClassifier Untracked => this;

        public Tensor Logits(Tensor images, ImageDomain domain)
        {
            Seen.Add((images, domain));
            return logits.clone();
        }

        public (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial) =>
            (Logits(clean, ImageDomain.Clean), Logits(adversarial, ImageDomain.Adversarial));
    }
}

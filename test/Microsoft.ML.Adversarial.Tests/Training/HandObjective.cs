using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>An objective written out in the test that uses it.</summary>
/// <param name="Hand">Makes the loss of network, images, adversarial images, and labels.</param>
/// <param name="With">The attack; null for none.</param>
internal sealed record HandObjective(Func<ITrainableClassifier, Tensor, Tensor, Tensor, Tensor> Hand, Attack? With = null) : TrainingObjective
{
    public override Attack? Attack => With;

    /// <summary>Attacked images alone.</summary>
    public static HandObjective Attacked(Attack attack) =>
        new((network, _, adversarial, labels) => nn.functional.cross_entropy(network.Logits(adversarial, ImageDomain.Adversarial), labels), attack);

    /// <summary>Every image clean and attacked, each counting the same, in a call of its own for each domain.</summary>
    public static HandObjective FullMixture(Attack attack) => new(
        (network, images, adversarial, labels) =>
        {
            var attacked = nn.functional.cross_entropy(network.Logits(adversarial, ImageDomain.Adversarial), labels);
            return attacked.Plus(nn.functional.cross_entropy(network.Logits(images, ImageDomain.Clean), labels)).Times(0.5);
        },
        attack);

    public override Tensor Loss(ITrainableClassifier network, Tensor images, Tensor adversarial, Tensor labels) => Hand(network, images, adversarial, labels);
}

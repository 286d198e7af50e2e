using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>A method written out in the test that uses it: one update of a batch.</summary>
/// <param name="Hand">Makes the mean loss of network, images, adversarial images, and labels.</param>
/// <param name="With">The attack; null for none.</param>
internal sealed record HandMethod(Func<ITrainableClassifier, Tensor, Tensor, Tensor, Tensor> Hand, Attack? With = null) : TrainingMethod
{
    public override Attack? Attack => With;

    /// <summary>Attacked images alone.</summary>
    public static HandMethod Attacked(Attack attack) =>
        new((network, _, adversarial, labels) => Sum(network.Logits(adversarial, ImageDomain.Adversarial), labels).Mean(), attack);

    /// <summary>Every image clean and attacked, each counting the same, in a call of its own for each domain.</summary>
    public static HandMethod FullMixture(Attack attack) => new(
        (network, images, adversarial, labels) =>
            (Sum(network.Logits(adversarial, ImageDomain.Adversarial), labels) + Sum(network.Logits(images, ImageDomain.Clean), labels)).Mean(),
        attack);

    /// <summary>The loss that a method makes of a network's logits, where its attack leaves the images as given.</summary>
    public static Tensor LossOf(TrainingMethod method, ITrainableClassifier network, Tensor images, Tensor adversarial, Tensor labels)
    {
        Tensor? loss = null;
        method.Step(new UpdateContext(
            images, labels, ImageRandom.FromSeed(1, (int)images.shape[0]), network.ClassCount, new HandStep(_ => adversarial, make => loss = make(network).Mean())));
        return loss!;
    }

    protected internal override void Step(UpdateContext step)
    {
        var adversarial = With is null ? step.Images : step.Craft(With);
        step.Update(network => new LossSum(Hand(network, step.Images, adversarial, step.Labels), 1));
    }

    private static LossSum Sum(Tensor logits, Tensor labels) => new(nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.Sum), labels.shape[0]);
}

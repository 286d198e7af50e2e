using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>An attack of a user's own: hands each batch of images to a listener and takes what it gives back.</summary>
internal sealed record CountingAttack(Func<IImageClassifier, Tensor, Tensor> Answer) : Attack(Budget.LInf(8))
{
    public List<long> Batches { get; } = [];

    public override string Name => "counting";

    protected override Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        Batches.Add(images.shape[0]);
        return Answer(network, images);
    }
}

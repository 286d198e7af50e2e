using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>An attack of a user's own: hands each batch of images to a listener and takes what it gives back.</summary>
internal sealed record CountingAttack(Func<IImageClassifier, Tensor, Tensor> Answer) : Attack(Budget.LInf(8))
{
    public List<long> Batches { get; } = [];

    public override string Name => "counting";

    protected internal override Search Begin(SearchInput input)
    {
        Batches.Add(input.Images.shape[0]);
        return Search.Once(input, Answer(input.Network, input.Images));
    }
}

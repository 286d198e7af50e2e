using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Hands the network it is to fool to a watcher, and then perturbs the images as another attack does.</summary>
internal sealed record RecordingAttack(Attack Inner, Action<IImageClassifier, Tensor> See) : Attack(Inner.Budget)
{
    public override string Name => "recording";

    protected internal override Search Begin(SearchInput input)
    {
        See(input.Network, input.Images);
        return Inner.Begin(input);
    }
}

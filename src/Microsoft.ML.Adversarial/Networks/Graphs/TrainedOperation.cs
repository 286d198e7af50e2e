using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A layer in training as a step of a graph: a normalisation, which the phase tells what to do.</summary>
internal sealed class TrainedOperation(NetworkLayer layer) : GraphOperation
{
    public NetworkLayer Layer => layer;

    public override bool MakesNew => true;

    public override IReadOnlyList<Tensor> Run(StepInputs inputs) => [layer.Forward(Activations.Given(inputs[0]), inputs.Phase).Values];
}

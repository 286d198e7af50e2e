using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A frozen layer as a step of a graph: a normalisation in its phase.</summary>
internal sealed class LayerOperation(FrozenLayer layer) : GraphOperation
{
    public FrozenLayer Layer => layer;

    public override bool MakesNew => true;

    public override IEnumerable<Tensor> Tensors => layer.Tensors;

    public override GraphOperation In(ScalarType type) => new LayerOperation(layer.In(type));

    public override IReadOnlyList<Tensor> Run(StepInputs inputs) => [layer.Forward(Activations.Given(inputs[0])).Values];
}

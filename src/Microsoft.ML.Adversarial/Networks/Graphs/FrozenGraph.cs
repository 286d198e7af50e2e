using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network that was laid out elsewhere, as its graph of operations.</summary>
/// <param name="Plan">What is computed of what.</param>
/// <param name="Constants">By place in the plan; null where a step makes the value. Owned by this layer.</param>
/// <param name="Batch">How many images it takes at a time.</param>
internal sealed record FrozenGraph(GraphPlan Plan, IReadOnlyList<Tensor?> Constants, GraphBatch Batch) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => Constants.OfType<Tensor>().Concat(Plan.Steps.SelectMany(step => step.Operation.Tensors));

    public override Activations Forward(Activations activations)
    {
        if (Batch != GraphBatch.OneByOne || activations.Values.shape[0] == 1)
            return Plan.Run(activations, Constants, default);
        var results = activations.Values.split(1).Select(image => Plan.Run(Activations.Given(image), Constants, default).Values).ToArray();
        return Activations.Made(cat(results));
    }

    public override FrozenLayer In(ScalarType type)
    {
        var kernels = Plan.KernelPlaces;
        return new FrozenGraph(
            new GraphPlan([.. Plan.Steps.Select(step => step with { Operation = step.Operation.In(type) })], Plan.Places, Plan.Input, Plan.Output),
            [.. Constants.Select((constant, place) => constant is null ? null : kernels.Contains(place) ? FrozenTensor.In(type, constant) : FrozenTensor.Plain(constant))],
            Batch);
    }
}

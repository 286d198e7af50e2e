using System.Collections;
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
            With(type),
            [.. Constants.Select((constant, place) => constant is null ? null : kernels.Contains(place) ? FrozenTensor.In(type, constant) : FrozenTensor.Plain(constant))],
            Batch);
    }

    /// <summary>What the graph gives in double precision, where something is to be measured exactly. Constants are widened as they are needed, so that there is no second copy of all.</summary>
    /// <param name="images">Of float64.</param>
    public Tensor Exactly(Tensor images)
    {
        using var scope = NewDisposeScope();
        var plan = With(float64);
        var constants = new WidenedConstants(Constants);
        // One by one: what lies under the windows of a convolution is laid out for all images at once here.
        var results = images.split(1).Select(image => plan.Run(Activations.Given(image), constants, default).Values).ToArray();
        foreach (var tensor in plan.Steps.SelectMany(step => step.Operation.Tensors))
            tensor.Dispose();
        return (results.Length == 1 ? results[0] : cat(results)).MoveToOuterDisposeScope();
    }

    private GraphPlan With(ScalarType type) => new([.. Plan.Steps.Select(step => step with { Operation = step.Operation.In(type) })], Plan.Places, Plan.Input, Plan.Output);

    /// <summary>Whole numbers stay as they are.</summary>
    private sealed class WidenedConstants(IReadOnlyList<Tensor?> constants) : IReadOnlyList<Tensor?>
    {
        public int Count => constants.Count;

        /// <summary>In the current dispose scope.</summary>
        public Tensor? this[int place] => constants[place] is { } constant && constant.is_floating_point() ? constant.to(float64) : constants[place];

        public IEnumerator<Tensor?> GetEnumerator() => Enumerable.Range(0, Count).Select(place => this[place]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

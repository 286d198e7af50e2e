using System.Collections;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a graph gives in double precision, where something is to be measured exactly. Constants are widened as they are needed, so that there is no second copy of all.</summary>
internal static class ExactGraph
{
    /// <param name="graph">In float32.</param>
    /// <param name="images">Of float64.</param>
    /// <returns>In the current dispose scope.</returns>
    public static Tensor Scores(FrozenGraph graph, Tensor images)
    {
        using var scope = NewDisposeScope();
        var plan = graph.Plan;
        var kernels = plan.KernelPlaces.Where(place => plan.Steps.All(step => UsesAsKernelsAlone(step, place))).ToHashSet();
        var steps = plan.Steps.Select(step => step with { Operation = Widened(step, kernels) }).ToList();
        var constants = new WidenedConstants(graph.Constants, kernels);
        var parts = GraphParts.Of(graph with { Plan = new GraphPlan(steps, plan.Places, plan.Input, plan.Output) });
        // One by one: what lies under the windows of a convolution is laid out for all images at once here.
        var results = images.split(1).Select(image => GraphParts.Run(parts, (part, value) => part.Plan.Run(Activations.Given(value), constants, default).Values, image)).ToArray();
        foreach (var tensor in steps.SelectMany(step => step.Operation.Tensors))
            tensor.Dispose();
        return (results.Length == 1 ? results[0] : cat(results)).MoveToOuterDisposeScope();
    }

    private static bool UsesAsKernelsAlone(GraphStep step, int place) => step.Inputs.Index().All(input => input.Item != place || input.Index == step.Operation.Kernels);

    private static GraphOperation Widened(GraphStep step, HashSet<int> kernels)
    {
        var operation = step.Operation.In(float64);
        return step.Operation.Kernels is { } input && kernels.Contains(step.Inputs[input]) ? new WidenedConvolution(operation, input) : operation;
    }

    /// <summary>Whole numbers stay as they are, and what is widened where it is used.</summary>
    private sealed class WidenedConstants(IReadOnlyList<Tensor?> constants, HashSet<int> others) : IReadOnlyList<Tensor?>
    {
        public int Count => constants.Count;

        /// <summary>In the current dispose scope.</summary>
        public Tensor? this[int place] => constants[place] is { } constant && constant.is_floating_point() && !others.Contains(place) ? constant.to(float64) : constants[place];

        public IEnumerator<Tensor?> GetEnumerator() => Enumerable.Range(0, Count).Select(place => this[place]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

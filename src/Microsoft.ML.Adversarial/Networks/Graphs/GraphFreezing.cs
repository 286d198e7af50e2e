using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>An imported graph as it is, with its own normalisation, for whom does not train it.</summary>
internal static class GraphFreezing
{
    /// <param name="graph">Not changed.</param>
    /// <param name="device">Where the network is to be.</param>
    /// <returns>A layer with tensors of its own.</returns>
    public static FrozenGraph Freeze(this ImportedGraph graph, Device device)
    {
        using var noGradient = no_grad();
        var kernels = graph.Plan.KernelPlaces;
        var normalizations = new GraphNormalizations(graph);
        var steps = graph.Plan.Steps.Select(step => normalizations.IsSite(step) ? step with { Operation = new LayerOperation(Scale(graph, step, device)), Inputs = [step.Inputs[0]] } : step).ToList();
        var used = steps.SelectMany(step => step.Inputs).ToHashSet();
        return GraphLowering.Lower(
            new GraphPlan(steps, graph.Plan.Places, graph.Plan.Input, graph.Plan.Output),
            [.. graph.Constants.Select((constant, place) => constant is null || !used.Contains(place) ? null : Copy(constant, kernels.Contains(place), device))],
            graph.Batch);
    }

    private static Tensor Copy(Tensor constant, bool isKernels, Device device)
    {
        using var scope = NewDisposeScope();
        // Whole numbers are read on the host.
        var placed = constant.is_floating_point() ? constant.to(device) : constant;
        // Laid out as it has to be it is shared, since nobody writes to it.
        return (isKernels && placed.dim() == 4 ? FrozenTensor.ChannelsLast(placed) : placed).alias().DetachFromDisposeScope();
    }

    /// <summary>gamma (x - mean)/sqrt(var + eps) + beta as a scale and a shift.</summary>
    private static FrozenChannelScale Scale(ImportedGraph graph, GraphStep step, Device device)
    {
        using var scope = NewDisposeScope();
        var numbers = step.Inputs.Skip(1).Select(place => graph.Constants[place]!.to(device)).ToArray();
        var factor = numbers[0].div(numbers[3].Plus(step.Operation.NormalizationEpsilon!.Value).sqrt());
        return FrozenChannelScale.Of(factor, numbers[1].sub(numbers[2].mul(factor)));
    }
}

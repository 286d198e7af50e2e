using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// From a graph with normalisations to one without, where they are maps of each channel behind a convolution: s (Wx + b) + t = (s W) x + (s b + t). Every other frozen layer stays a step.
/// </summary>
internal sealed class GraphLowering
{
    private readonly GraphPlan plan;
    private readonly List<Tensor?> constants;
    private readonly List<GraphStep> steps = [];

    /// <summary>Where a value is to be had, for places whose own step is gone.</summary>
    private readonly Dictionary<int, int> moved = [];

    /// <summary>By the place of its result: where the convolution stands among the new steps.</summary>
    private readonly Dictionary<int, int> convolutions = [];

    private GraphLowering(GraphPlan plan, IReadOnlyList<Tensor?> constants) => (this.plan, this.constants) = (plan, [.. constants]);

    /// <param name="plan">Its normalisations are <see cref="LayerOperation"/>.</param>
    /// <param name="constants">By place; taken over.</param>
    /// <param name="batch">See <see cref="FrozenGraph"/>.</param>
    public static FrozenGraph Lower(GraphPlan plan, IReadOnlyList<Tensor?> constants, GraphBatch batch)
    {
        using var noGradient = no_grad();
        var lowering = new GraphLowering(plan, constants);
        foreach (var step in plan.Steps)
            lowering.Add(step);
        var lowered = new GraphPlan(lowering.steps, lowering.constants.Count, plan.Input, lowering.Moved(plan.Output));
        return new FrozenGraph(lowered, lowering.constants, batch);
    }

    private int Moved(int place) => moved.GetValueOrDefault(place, place);

    private void Add(GraphStep step)
    {
        // By the place that the file has: what is folded already may be needed as it is by others.
        var isOnlyUse = step.Inputs.Count > 0 && step.Inputs[0] != GraphStep.None && plan.Uses(step.Inputs[0]) == 1;
        step = step with { Inputs = [.. step.Inputs.Select(Moved)] };
        if (step.Operation is LayerOperation { Layer: FrozenChannelScale map } && isOnlyUse && convolutions.TryGetValue(step.Inputs[0], out var index))
        {
            steps[index] = Fold(steps[index], map);
            moved[step.Outputs[0]] = step.Inputs[0];
            return;
        }
        if (step.Operation.Kernels is { } kernels && constants[step.Inputs[kernels]] is not null)
            convolutions[step.Outputs[0]] = steps.Count;
        steps.Add(step);
    }

    private GraphStep Fold(GraphStep convolution, FrozenChannelScale map)
    {
        using var scope = NewDisposeScope();
        var places = convolution.Inputs.ToList();
        var kernels = convolution.Operation.Kernels!.Value;
        var (weight, scale, shift) = (constants[places[kernels]]!, map.Scale.view(-1), map.Shift.view(-1));
        var bias = places.Count > kernels + 1 && places[kernels + 1] != GraphStep.None ? constants[places[kernels + 1]] : null;
        places = [.. places.Take(kernels), Place(places[kernels], FrozenTensor.Image(weight.mul(scale.view(-1, 1, 1, 1))))];
        var folded = bias is null ? FrozenTensor.Plain(shift) : FrozenTensor.Plain(bias.mul(scale).AddInPlace(shift));
        places.Add(bias is null ? Place(null, folded) : Place(convolution.Inputs[kernels + 1], folded));
        foreach (var tensor in map.Tensors)
            tensor.Dispose();
        return convolution with { Inputs = places };
    }

    /// <summary>Puts a constant in the place of another that nobody else needs, or in a new one.</summary>
    private int Place(int? place, Tensor constant)
    {
        if (place is { } own && (own >= plan.Places || plan.Uses(own) == 1))
        {
            constants[own]?.Dispose();
            constants[own] = constant;
            return own;
        }
        constants.Add(constant);
        return constants.Count - 1;
    }
}

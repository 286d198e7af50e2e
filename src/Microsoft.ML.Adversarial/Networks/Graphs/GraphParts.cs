using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A graph cut where one value alone goes on, and its gradient part by part, from the last to the first: what the steps of one part keep for it is there at a time, and not what all do
/// (Chen et al. 2016, arXiv 1604.06174). For what is to be seen once of a large network, in little memory.
/// </summary>
internal static class GraphParts
{
    /// <summary>So many parts are rather run again than a value kept.</summary>
    private const int Near = 3;

    /// <summary>Each costs a list of all places.</summary>
    private const int MostParts = 256;

    /// <param name="graph">Stays the owner of its constants.</param>
    /// <returns>Graphs that give, one after the other, what the whole gives; each of as few steps as the graph can be cut to, but for very long ones.</returns>
    public static IReadOnlyList<FrozenGraph> Of(FrozenGraph graph)
    {
        var plan = graph.Plan;
        var length = (plan.Steps.Count + MostParts - 1) / MostParts;
        List<FrozenGraph> parts = [];
        var (first, input) = (0, plan.Input);
        foreach (var (last, value) in Cuts(plan))
            if (last - first + 1 >= length)
            {
                parts.Add(Part(first, last, input, value));
                (first, input) = (last + 1, value);
            }
        parts.Add(Part(first, plan.Steps.Count - 1, input, plan.Output));
        return parts;

        FrozenGraph Part(int from, int to, int begin, int end) =>
            graph with { Plan = new GraphPlan([.. plan.Steps.Take(to + 1).Skip(from)], plan.Places, begin, end), Batch = GraphBatch.Free };
    }

    /// <param name="parts">One after the other.</param>
    /// <param name="run">What a part gives of a value.</param>
    /// <param name="images">What the first takes.</param>
    /// <returns>What the last gives, in the current dispose scope.</returns>
    public static Tensor Run(IReadOnlyList<FrozenGraph> parts, Func<FrozenGraph, Tensor, Tensor> run, Tensor images)
    {
        var value = images;
        foreach (var part in parts)
        {
            using var scope = NewDisposeScope();
            var made = run(part, value).MoveToOuterDisposeScope();
            if (!ReferenceEquals(value, images))
                value.Dispose();
            value = made;
        }
        return value;
    }

    /// <param name="parts">One after the other.</param>
    /// <param name="run">What a part gives of a value.</param>
    /// <param name="images">What the first takes.</param>
    /// <param name="weights">Of what the last gives: the sum of their products is what the gradient is of.</param>
    /// <returns>The gradient with respect to the images, in the current dispose scope; null where none reaches them.</returns>
    public static Tensor? Gradient(IReadOnlyList<FrozenGraph> parts, Func<FrozenGraph, Tensor, Tensor> run, Tensor images, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var entering = new Stack<(int Part, Tensor Value)>([(0, images)]);
        var gradient = weights;
        for (var part = parts.Count - 1; part >= 0; part--)
        {
            // From the last value that is known, and one is left half way each time, so that there are few beside one part's; what is near is not worth one.
            while (entering.Peek() is var (from, known) && from < part)
            {
                var middle = part - from <= Near ? part : from + (part - from + 1) / 2;
                using (no_grad())
                    entering.Push((middle, Run([.. parts.Take(middle).Skip(from)], run, known)));
            }
            var taken = entering.Pop().Value;
            var found = Gradient(value => run(parts[part], value), taken, gradient);
            if (found is null)
                return null;
            foreach (var used in (Tensor[])[taken, gradient])
                if (!ReferenceEquals(used, images) && !ReferenceEquals(used, weights))
                    used.Dispose();
            gradient = found;
        }
        return gradient.MoveToOuterDisposeScope();
    }

    private static Tensor? Gradient(Func<Tensor, Tensor> run, Tensor value, Tensor weights)
    {
        using var scope = NewDisposeScope();
        using var enabled = enable_grad();
        var taken = value.detach().requires_grad_();
        // Not autograd.grad, which ends the process where torch refuses anything.
        var made = run(taken);
        made.backward([weights.to(made.dtype)]);
        return taken.grad?.detach().MoveToOuterDisposeScope();
    }

    /// <summary>Steps after which one value alone is used, and which that is.</summary>
    private static IEnumerable<(int Step, int Value)> Cuts(GraphPlan plan)
    {
        var lastUses = new Dictionary<int, int> { [plan.Output] = plan.Steps.Count };
        for (var index = plan.Steps.Count - 1; index >= 0; index--)
            foreach (var place in plan.Steps[index].Inputs)
                lastUses.TryAdd(place, index);
        var live = new HashSet<int> { plan.Input };
        for (var index = 0; index < plan.Steps.Count - 1; index++)
        {
            live.UnionWith(plan.Steps[index].Outputs);
            live.RemoveWhere(place => lastUses.GetValueOrDefault(place, defaultValue: -1) <= index);
            if (live.Count == 1)
                yield return (index, live.Single());
        }
    }
}

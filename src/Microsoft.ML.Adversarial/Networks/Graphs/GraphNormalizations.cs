namespace Microsoft.ML.Adversarial;

/// <summary>Where an imported graph normalises by statistics of batches, or might.</summary>
internal sealed class GraphNormalizations(ImportedGraph graph)
{
    private const double UsualEpsilon = 1e-5;

    /// <summary>A place for a normalisation.</summary>
    /// <param name="Name">Of its weights.</param>
    /// <param name="Output">The place of the value that it makes, or for one that is added the value that it takes.</param>
    /// <param name="Epsilon">Added to variances.</param>
    /// <param name="Step">The file's own; null for one that is added.</param>
    public sealed record Site(string Name, int Output, double Epsilon, GraphStep? Step);

    /// <summary>Whether a step normalises images of [batch, channels, height, width] by constants of the file.</summary>
    public bool IsSite(GraphStep step) =>
        step.Operation.NormalizationEpsilon is not null && graph.Shapes[step.Outputs[0]] is { Length: 4 } && step.Inputs.Skip(1).All(place => place != GraphStep.None && graph.Constants[place] is not null);

    /// <param name="create">Makes the layer of a place.</param>
    /// <param name="addsBehindConvolutions">Whether, where the graph has no normalisation, every convolution gets one behind it.</param>
    /// <returns>The plan with layers in the places.</returns>
    public GraphPlan Replace(Func<Site, NetworkLayer> create, bool addsBehindConvolutions)
    {
        var adds = addsBehindConvolutions && !graph.Plan.Steps.Any(IsSite);
        List<GraphStep> steps = [];
        Dictionary<int, int> moved = [];
        var places = graph.Plan.Places;
        foreach (var original in graph.Plan.Steps)
        {
            var step = original with { Inputs = [.. original.Inputs.Select(place => moved.GetValueOrDefault(place, place))] };
            if (IsSite(original))
            {
                var site = new Site(NameOf(original.Inputs[1]), original.Outputs[0], original.Operation.NormalizationEpsilon!.Value, original);
                steps.Add(new GraphStep(new TrainedOperation(create(site)), [step.Inputs[0]], step.Outputs));
                continue;
            }
            steps.Add(step);
            if (!adds || original.Operation.Kernels is not { } kernels)
                continue;
            var added = new Site($"{NameOf(original.Inputs[kernels])}.normalization", original.Outputs[0], UsualEpsilon, null);
            moved[original.Outputs[0]] = places;
            steps.Add(new GraphStep(new TrainedOperation(create(added)), original.Outputs, [places++]));
        }
        return new GraphPlan(steps, places, graph.Plan.Input, moved.GetValueOrDefault(graph.Plan.Output, graph.Plan.Output));
    }

    /// <summary>The module that a weight belongs to.</summary>
    private string NameOf(int place)
    {
        var name = graph.Names[place];
        return name.LastIndexOf('.') is var end and > 0 ? name[..end] : name;
    }
}

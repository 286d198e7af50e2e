using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A graph as its file has it, with the numbers of the file: what networks are frozen of at once, and what others are laid out as to be trained.</summary>
internal sealed class ImportedGraph : IDisposable
{
    public required GraphPlan Plan { get; init; }

    /// <summary>By place, on the CPU; null where a step makes the value.</summary>
    public required Tensor?[] Constants { get; init; }

    /// <summary>By place, as the file has them.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>By place, for one image; null where nothing is known, as of constants.</summary>
    public required IReadOnlyList<long[]?> Shapes { get; init; }

    /// <summary>What the graph takes: [1, channels, height, width].</summary>
    public required ImageShape Image { get; init; }

    public required GraphBatch Batch { get; init; }

    /// <summary>Of one image.</summary>
    public long MultiplyAdds => (long)(Plan.Steps.Sum(step => (double)step.Operation.MultiplyAdds(
        [.. step.Inputs.Select(place => place == GraphStep.None ? [] : Shapes[place] ?? Constants[place]?.shape ?? [])], Shapes[step.Outputs[0]]!)) / Shapes[Plan.Input]![0]);

    /// <summary>Of what the graph gives, but for the batch: [classes], or [channels, height, width].</summary>
    public long[] OutputShape => Shapes[Plan.Output] is [_, .. var rest] ? rest : [];

    /// <summary>
    /// Places of constants that are learned: the weights of each operation that has any, and numbers that are added or multiplied behind the first of these (a bias, the scale of a branch);
    /// those before it prepare pixels.
    /// </summary>
    public IReadOnlySet<int> Learned
    {
        get
        {
            var learned = new HashSet<int>();
            var behind = new HashSet<int>();
            foreach (var step in Plan.Steps)
            {
                var isBehind = step.Inputs.Any(behind.Contains);
                var isArithmetic = step.Operation.Weights.Count == 0;
                foreach (var (place, index) in step.Inputs.Select((place, index) => (place, index)))
                    if (place != GraphStep.None && Constants[place] is { } constant && constant.is_floating_point()
                        && (step.Operation.Weights.Contains(index) || isBehind && isArithmetic && step.Operation.MayLearn && constant.numel() > 1))
                        learned.Add(place);
                if (isBehind || step.Operation.Weights.Count > 0 && step.Inputs.Any(learned.Contains))
                    behind.UnionWith(step.Outputs);
            }
            return learned;
        }
    }

    /// <summary>The last layer with weights but normalisations: what it takes, and the name of its module in the file; null where there is none.</summary>
    public (int Place, string? Name)? Head
    {
        get
        {
            foreach (var step in Plan.Steps.Reverse())
                if (step.Operation.LinearInput(input => Constants[step.Inputs[input]] is not null) is { } input)
                {
                    var weights = Names[step.Inputs[1 - input]];
                    return (step.Inputs[input], weights.EndsWith(".weight", StringComparison.Ordinal) ? weights[..^".weight".Length] : null);
                }
            return null;
        }
    }

    /// <summary>The part of the graph that leads to a value; it shares the constants of this one, which owns them.</summary>
    public ImportedGraph Until(int place)
    {
        var needed = new HashSet<int> { place };
        List<GraphStep> steps = [];
        foreach (var step in Plan.Steps.Reverse().Where(step => step.Outputs.Any(needed.Contains)))
        {
            needed.UnionWith(step.Inputs);
            steps.Insert(0, step);
        }
        return new ImportedGraph
        {
            Plan = new GraphPlan(steps, Plan.Places, Plan.Input, place),
            Constants = [.. Constants.Select((constant, index) => needed.Contains(index) ? constant : null)],
            Names = Names,
            Shapes = Shapes,
            Image = Image,
            Batch = Batch,
        };
    }

    /// <summary>What each step makes, one after the other; the tensors are in the current dispose scope.</summary>
    public IEnumerable<(GraphStep Step, Tensor Value)> Walk(Tensor input)
    {
        var values = Constants.ToArray();
        values[Plan.Input] = input;
        foreach (var step in Plan.Steps)
        {
            Tensor?[] inputs = [.. step.Inputs.Select(place => place == GraphStep.None ? null : values[place])];
            var made = step.Operation.Run(new StepInputs(inputs, MayOverwrite: false, default));
            for (var i = 0; i < step.Outputs.Count; i++)
                values[step.Outputs[i]] = made[i];
            yield return (step, made[0]);
        }
    }

    public void Dispose()
    {
        foreach (var constant in Constants)
            constant?.Dispose();
    }
}

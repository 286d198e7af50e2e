using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A graph gone through once: every step is seen to fit the ones before it, and what follows from the file and from sizes alone is told from what depends on pixels. How much a step
/// makes is known before it is run, so that no file makes the library need more memory than networks do.
/// </summary>
internal sealed class OnnxTrace
{
    private readonly Tensor?[] known;
    private readonly long[]?[] shapes;
    private readonly bool[] hasGradient;

    private OnnxTrace(int places) => (known, shapes, hasGradient) = (new Tensor?[places], new long[]?[places], new bool[places]);

    /// <summary>For all images together.</summary>
    public double MultiplyAdds { get; private set; }

    /// <summary>By place: what follows from the file and from sizes; null of what depends on pixels.</summary>
    public Tensor? Known(int place) => known[place];

    public long[] Shape(int place) => shapes[place]!;

    /// <summary>By place: whether a gradient reaches pixels from it. It passes through no whole numbers, positions or conditions.</summary>
    public bool HasGradient(int place) => hasGradient[place];

    /// <param name="steps">In order.</param>
    /// <param name="constants">By place.</param>
    /// <param name="input">The images' place.</param>
    /// <param name="images">Any; not changed.</param>
    /// <returns>What was seen; its tensors are in the current dispose scope.</returns>
    /// <exception cref="InvalidDataException">A step does not fit what it gets, or would need more memory or time than networks do.</exception>
    public static OnnxTrace Of(IReadOnlyList<GraphStep> steps, IReadOnlyList<Tensor?> constants, int input, Tensor images)
    {
        var trace = new OnnxTrace(constants.Count);
        var plan = new GraphPlan(steps, constants.Count, input, input);
        var (values, left) = (constants.ToArray(), Enumerable.Range(0, constants.Count).Select(plan.Uses).ToArray());
        values[input] = images;
        values.CopyTo(trace.known, 0);
        (trace.known[input], trace.hasGradient[input]) = (null, true);
        for (var place = 0; place < constants.Count; place++)
            trace.shapes[place] = values[place]?.shape;
        var budget = new OnnxBudget((double)images.numel() / images.shape[0], images.shape[0], constants.Sum(constant => constant is null ? 0.0 : constant.numel()));
        foreach (var step in steps)
        {
            var operation = (OnnxOperation)step.Operation;
            Tensor?[] inputs = [.. step.Inputs.Select(place => place == GraphStep.None ? null : values[place])];
            bool DependsOnPixels(int index) => inputs[index] is not null && trace.known[step.Inputs[index]] is null;
            foreach (var host in operation.HostInputs.Where(host => host < inputs.Length && DependsOnPixels(host)))
                throw operation.Refuse($"sizes at input {host} that depend on pixels", "sizes that follow from the file and from the images' size");
            var isKnown = operation.IsOfSizes || !Enumerable.Range(0, inputs.Length).Any(DependsOnPixels);
            var made = Run(operation, inputs, step.Outputs.Count, budget, isKnown);
            for (var i = 0; i < step.Outputs.Count; i++)
            {
                var place = step.Outputs[i];
                (values[place], trace.shapes[place], trace.known[place]) = (made[i], made[i].shape, isKnown ? made[i] : null);
                trace.hasGradient[place] = !isKnown && made[i].is_floating_point() && step.Inputs.Any(from => from != GraphStep.None && trace.hasGradient[from]);
            }
            trace.MultiplyAdds += operation.MultiplyAdds([.. step.Inputs.Select(place => place == GraphStep.None ? [] : trace.shapes[place]!)], made[0].shape);
            foreach (var place in step.Inputs.Where(place => place != GraphStep.None && --left[place] == 0).Concat(step.Outputs.Where(place => left[place] == 0)).Distinct())
            {
                if (place == input || trace.known[place] is not null || values[place] is not { } value)
                    continue;
                budget.Free(value.numel());
                value.Dispose();
                values[place] = null;
            }
        }
        return trace;
    }

    private static IReadOnlyList<Tensor> Run(OnnxOperation operation, Tensor?[] inputs, int outputs, OnnxBudget budget, bool isKnown)
    {
        try
        {
            var given = new StepInputs(inputs, MayOverwrite: false, default);
            var numbers = operation.Numbers(given);
            budget.Demand(numbers, operation.Work(given, numbers));
            using var scope = NewDisposeScope();
            var made = operation.Run(given);
            if (made.Count < outputs)
                throw new InvalidDataException($"{outputs} outputs; expected {made.Count}");
            foreach (var value in made)
                (isKnown ? budget.MakeConstant : (Action<double>)budget.Make)(value.numel());
            return [.. made.Select(value => given.Own(value).MoveToOuterDisposeScope())];
        }
        catch (InvalidDataException exception)
        {
            throw operation.Refuse($"has {exception.Message}", exception);
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            var shapes = inputs.Select(value => value is null ? "nothing" : $"[{string.Join(", ", value.shape.Take(8))}]");
            throw operation.Refuse($"does not fit what it gets, {string.Join(", ", shapes)}: {exception.Message.Split('\n')[0]}", exception);
        }
    }
    /// <summary>How torch, and .NET on sizes and positions, say that an operation does not fit what it gets.</summary>
    public static bool IsRefusal(Exception exception) =>
        exception is ExternalException or ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or NotImplementedException or NotSupportedException or InvalidCastException;
}

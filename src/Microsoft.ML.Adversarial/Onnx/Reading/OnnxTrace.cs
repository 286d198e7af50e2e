using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A graph gone through once: every step is seen to fit the ones before it, and what follows from the file and from sizes alone is told from what depends on pixels. How much a step
/// makes is known before it is run, so that no file makes the library need more memory than networks do.
/// </summary>
internal sealed class OnnxTrace
{
    /// <summary>Numbers of one value for one image, and of constants together.</summary>
    private const double MostNumbers = 1L << 26, MostOfImage = 64, MostConstantNumbers = 1L << 28;

    /// <summary>Multiplications and additions for one image: ten times those of the largest classifiers.</summary>
    private const double MostWork = 1e13;

    private readonly Tensor?[] known;
    private readonly long[]?[] shapes;

    private OnnxTrace(int places) => (known, shapes) = (new Tensor?[places], new long[]?[places]);

    /// <summary>For all images together.</summary>
    public double MultiplyAdds { get; private set; }

    /// <summary>By place: what follows from the file and from sizes; null of what depends on pixels.</summary>
    public Tensor? Known(int place) => known[place];

    public long[] Shape(int place) => shapes[place]!;

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
        trace.known[input] = null;
        for (var place = 0; place < constants.Count; place++)
            trace.shapes[place] = values[place]?.shape;
        var most = Math.Max(MostNumbers, MostOfImage * images.numel() / images.shape[0]) * images.shape[0];
        var constantNumbers = 0.0;
        foreach (var step in steps)
        {
            var operation = (OnnxOperation)step.Operation;
            Tensor?[] inputs = [.. step.Inputs.Select(place => place == GraphStep.None ? null : values[place])];
            bool DependsOnPixels(int index) => inputs[index] is not null && trace.known[step.Inputs[index]] is null;
            foreach (var host in operation.HostInputs.Where(host => host < inputs.Length && DependsOnPixels(host)))
                throw operation.Refuse($"sizes at input {host} that depend on pixels", "sizes that follow from the file and from the images' size");
            var isKnown = operation.IsOfSizes || !Enumerable.Range(0, inputs.Length).Any(DependsOnPixels);
            var made = Run(operation, inputs, most);
            if (made.Count < step.Outputs.Count)
                throw operation.Refuse($"{step.Outputs.Count} outputs", $"{made.Count}");
            for (var i = 0; i < step.Outputs.Count; i++)
            {
                var place = step.Outputs[i];
                (values[place], trace.shapes[place]) = (made[i], made[i].shape);
                trace.known[place] = isKnown ? made[i] : null;
                constantNumbers += isKnown ? made[i].numel() : 0;
            }
            trace.MultiplyAdds += operation.MultiplyAdds([.. step.Inputs.Select(place => place == GraphStep.None ? [] : trace.shapes[place]!)], made[0].shape);
            if (constantNumbers > MostConstantNumbers || trace.MultiplyAdds > MostWork * images.shape[0])
                throw operation.Refuse(FormattableString.Invariant($"{constantNumbers:g3} constants and {trace.MultiplyAdds:g3} multiplications behind it"), FormattableString.Invariant($"at most {MostConstantNumbers:g3} and, for each image, {MostWork:g3}"));
            foreach (var place in step.Inputs.Where(place => place != GraphStep.None && --left[place] == 0 && place != input && trace.known[place] is null).Distinct())
            {
                values[place]?.Dispose();
                values[place] = null;
            }
        }
        return trace;
    }

    private static IReadOnlyList<Tensor> Run(OnnxOperation operation, Tensor?[] inputs, double most)
    {
        try
        {
            var given = new StepInputs(inputs, MayOverwrite: false, default);
            var numbers = operation.Numbers(given);
            if (numbers > most)
                throw new InvalidDataException(FormattableString.Invariant($"a result of up to {numbers:g3} numbers; expected at most {most:g3}"));
            using var scope = NewDisposeScope();
            return [.. operation.Run(given).Select(made => (inputs.Contains(made) ? made.alias() : made).MoveToOuterDisposeScope())];
        }
        catch (InvalidDataException exception)
        {
            throw operation.Refuse($"has {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is ExternalException or ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or NotImplementedException or NotSupportedException)
        {
            var shapes = inputs.Select(value => value is null ? "nothing" : $"[{string.Join(", ", value.shape.Take(8))}]");
            throw operation.Refuse($"does not fit what it gets, {string.Join(", ", shapes)}: {exception.Message.Split('\n')[0]}", exception);
        }
    }
}

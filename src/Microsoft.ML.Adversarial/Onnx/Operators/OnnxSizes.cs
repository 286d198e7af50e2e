using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Whole numbers that say sizes, positions and axes; they are on the host.</summary>
internal static class OnnxSizes
{
    private const int Most = 1 << 20;

    public static long[] Of(Tensor tensor)
    {
        if (tensor.numel() > Most)
            throw new InvalidDataException($"{tensor.numel()} sizes; expected at most {Most}");
        using var scope = NewDisposeScope();
        return tensor.to(int64).contiguous().data<long>().ToArray();
    }

    public static double[] Reals(Tensor tensor)
    {
        if (tensor.numel() is 0 or > Most)
            throw new InvalidDataException($"{tensor.numel()} numbers; expected 1 to {Most}");
        using var scope = NewDisposeScope();
        return tensor.to(float64).contiguous().data<double>().ToArray();
    }

    /// <summary>Counted from the front.</summary>
    public static long Axis(long axis, Tensor tensor) => Axis(axis, tensor.dim());

    public static long Axis(long axis, long count) => axis >= -count && axis <= count
        ? axis < 0 ? axis + count : axis
        : throw new InvalidDataException($"axis {axis} for {count} dimensions");

    /// <summary>Of an attribute that became an input in a later version; null for all.</summary>
    public static long[]? Axes(OnnxNode node, long inputSince, int input, StepInputs inputs) =>
        node.IsSince(inputSince) ? inputs.Find(input) is { } given ? Of(given) : null : node.Wholes("axes")?.ToArray();

    public static Tensor ToTensor(IReadOnlyList<long> numbers)
    {
        var made = empty([numbers.Count], int64);
        System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(numbers.ToArray().AsSpan()).CopyTo(made.bytes);
        return made;
    }
}

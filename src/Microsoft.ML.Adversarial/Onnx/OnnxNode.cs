using System.Runtime.InteropServices;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One node of a file, with the numbers that belong to it; whatever is not as expected is refused by the node's name.</summary>
internal sealed class OnnxNode(NodeProto node, int number, OnnxConstants constants, string file)
{
    public string Operation => node.OpType;

    public string Name => node.Name;

    public IReadOnlyList<string> Inputs => node.Input;

    public IReadOnlyList<string> Outputs => node.Output;

    public string Domain => node.Domain;

    public IEnumerable<string> Attributes => node.Attribute.Select(attribute => attribute.Name);

    /// <summary>The value it computes.</summary>
    public string Output => node.Output[0];

    public long Whole(string attribute, long minimum, long maximum)
    {
        var found = Find(attribute, AttributeProto.Types.AttributeType.Int);
        return found.I >= minimum && found.I <= maximum ? found.I : throw Refuse($"{attribute} {found.I}", minimum == maximum ? $"{minimum}" : $"{minimum} to {maximum}");
    }

    public float Real(string attribute, float minimum, float maximum)
    {
        var found = Find(attribute, AttributeProto.Types.AttributeType.Float);
        return found.F >= minimum && found.F <= maximum ? found.F : throw Refuse(FormattableString.Invariant($"{attribute} {found.F}"), FormattableString.Invariant($"{minimum} to {maximum}"));
    }

    /// <summary>A number that stands <paramref name="count"/> times: for height and width, or for all four sides.</summary>
    public int Same(string attribute, int count, int minimum, int maximum)
    {
        var found = Find(attribute, AttributeProto.Types.AttributeType.Ints).Ints;
        if (found.Count != count || found.Distinct().Count() != 1 || found[0] < minimum || found[0] > maximum)
            throw Refuse($"{attribute} [{Text(found)}]", $"the same number {count} times, from {minimum} to {maximum}");
        return (int)found[0];
    }

    public IReadOnlyList<long> Wholes(string attribute) => Find(attribute, AttributeProto.Types.AttributeType.Ints).Ints;

    public IReadOnlyList<string> Texts(string attribute) => [.. Find(attribute, AttributeProto.Types.AttributeType.Strings).Strings.Select(text => text.ToStringUtf8())];

    /// <summary>Whether this input is a constant without dimensions.</summary>
    public bool HasScalar(int input) => Constant(input, TensorProto.Types.DataType.Float).Dims.Count == 0;

    public float Scalar(int input) => MemoryMarshal.Cast<byte, float>(Bytes(input, TensorProto.Types.DataType.Float, sizeof(float), []))[0];

    public float[] Reals(int input, int count) =>
        MemoryMarshal.Cast<byte, float>(Bytes(input, TensorProto.Types.DataType.Float, sizeof(float), [count])).ToArray();

    public long[] Wholes(int input, int count) =>
        MemoryMarshal.Cast<byte, long>(Bytes(input, TensorProto.Types.DataType.Int64, sizeof(long), [count])).ToArray();

    /// <param name="input">Which input.</param>
    /// <param name="shape">What its dimensions must be; -1 for any.</param>
    /// <returns>float32 in memory of its own, new, in the current dispose scope.</returns>
    public Tensor Tensor(int input, params long[] shape)
    {
        var bytes = Bytes(input, TensorProto.Types.DataType.Float, sizeof(float), shape);
        // Not torch.tensor(array), which leaves the numbers where .NET put them: how a matrix product rounds depends on their alignment.
        var tensor = empty([.. Constant(input, TensorProto.Types.DataType.Float).Dims]);
        bytes.CopyTo(tensor.bytes);
        return tensor;
    }

    public InvalidDataException Refuse(string what, string expected) => new($"'{file}': {this} has {what}; expected {expected}.");

    public override string ToString() => $"node {number} '{node.Name}' ({node.OpType})";

    /// <summary>The bytes of a constant, which are as many as its dimensions say.</summary>
    private ReadOnlySpan<byte> Bytes(int input, TensorProto.Types.DataType type, int size, long[] shape)
    {
        var constant = Constant(input, type);
        if (constant.Dims.Count != shape.Length || !constant.Dims.Zip(shape).All(pair => pair.First > 0 && (pair.First == pair.Second || pair.Second < 0)))
            throw Refuse($"the constant '{constant.Name}' of shape [{Text(constant.Dims)}]", $"[{Text(shape)}], where -1 may be any size");
        // Each size is bounded by the bytes there are, before anything is multiplied or allocated.
        long available = constant.RawData.Length / size, numbers = 1;
        foreach (var dimension in constant.Dims)
            numbers = dimension <= available / numbers ? numbers * dimension : long.MaxValue;
        if (numbers != available || constant.RawData.Length % size != 0)
            throw Refuse($"the constant '{constant.Name}' of shape [{Text(constant.Dims)}] with {constant.RawData.Length} bytes", $"{size} bytes for each number");
        return constant.RawData.Span;
    }

    private TensorProto Constant(int input, TensorProto.Types.DataType type)
    {
        var constant = constants.Find(Inputs[input]) ?? throw Refuse($"the input '{Inputs[input]}', which no initializer holds", "a constant");
        if (constant.DataLocation != TensorProto.Types.DataLocation.Default)
            throw Refuse($"the constant '{constant.Name}', whose numbers are in another file", "them in this one");
        return constant.DataType == (int)type ? constant : throw Refuse($"the constant '{constant.Name}' of type {constant.DataType}", $"type {(int)type} ({type})");
    }

    private AttributeProto Find(string name, AttributeProto.Types.AttributeType type)
    {
        // The table of forms has seen to it that there is one.
        var found = node.Attribute.Single(attribute => attribute.Name == name);
        return found.Type == type ? found : throw Refuse($"{name} of type {found.Type}", $"{type}");
    }

    private static string Text(IEnumerable<long> numbers) => string.Join(", ", numbers.Take(8));
}

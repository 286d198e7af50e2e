using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;
using static Microsoft.ML.Adversarial.Onnx.Format.AttributeProto.Types;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Hostile;

/// <summary>One thing each that is wrong with a model.</summary>
internal static class HostileChanges
{
    private static readonly Func<ModelProto, Random, string>[] Kinds =
    [
        Circle, RemoveNode, RemoveInitializer, ChangeSize, ChangeType, ChangeWholes, ChangeReals, CutNumbers, ChangeAttribute, ChangeAttribute, ChangeAttribute, ChangeAttributeType, AddAttribute,
        Rename, ChangeOperator, ChangeOperator, SwapInputs, DropInput, TakeOther, ChangeVersion, Empty, ChangeImage, AddOutput, EndElsewhere, HostileBombs.Add, HostileBombs.Add,
    ];

    private static readonly Lazy<string[]> Operators = new(() =>
        [.. OperatorCases.All.SelectMany(one => ModelProto.Parser.ParseFrom(one.Model).Graph.Node).Select(node => node.OpType).Distinct().Order(StringComparer.Ordinal), "Loop", "If", "NonZero", "LSTM", ""]);

    private static readonly string[] AttributeNames =
        ["group", "axis", "axes", "pads", "strides", "dilations", "kernel_shape", "perm", "alpha", "epsilon", "auto_pad", "ceil_mode", "keepdims", "mode", "to", "num_groups", "size", "blocksize", "output_padding", "output_shape", "scales", "training_mode", "transA", "value"];

    private static readonly long[] StrangeWholes =
        [0, -1, 1, 2, 3, -2, 7, 16, -7, 255, 4096, 65_535, 65_537, 1 << 20, int.MaxValue, int.MinValue, 1L << 32, long.MaxValue, long.MinValue];

    private static readonly float[] StrangeReals = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0, float.MaxValue, float.Epsilon, -1, 1e10f, 0.5f];

    public static string Apply(ModelProto model, Random random)
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        return model.Graph.Node.Count == 0 ? "nothing" : kind(model, random);
    }

    /// <summary>Sizes, axes and counts that are seldom tried.</summary>
    public static long Strange(Random random) => random.Next(20) == 0 ? random.Next(-10, 1000) : Any(StrangeWholes, random);

    public static T Any<T>(IReadOnlyList<T> list, Random random) => list[random.Next(list.Count)];

    private static NodeProto Node(ModelProto model, Random random) => Any(model.Graph.Node, random);

    /// <summary>An initializer, or the tensor of an attribute; small ones first, which say sizes and positions.</summary>
    private static TensorProto? Numbers(ModelProto model, Random random, Func<TensorProto, bool> isWanted)
    {
        TensorProto[] all = [.. model.Graph.Initializer.Concat(model.Graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.T).OfType<TensorProto>()).Where(isWanted)];
        return all.Length == 0 ? null : Any(all, random);
    }

    private static string Circle(ModelProto model, Random random)
    {
        var (first, second) = (Node(model, random), Node(model, random));
        if (first.Input.Count > 0 && second.Output.Count > 0)
            first.Input[random.Next(first.Input.Count)] = second.Output[0];
        return $"{first.OpType} takes what {second.OpType} gives";
    }

    private static string RemoveNode(ModelProto model, Random random)
    {
        var node = Node(model, random);
        model.Graph.Node.Remove(node);
        return $"without a {node.OpType}";
    }

    private static string RemoveInitializer(ModelProto model, Random random)
    {
        if (model.Graph.Initializer.Count > 0)
            model.Graph.Initializer.RemoveAt(random.Next(model.Graph.Initializer.Count));
        return "without an initializer";
    }

    private static string ChangeSize(ModelProto model, Random random)
    {
        if (Numbers(model, random, _ => true) is not { } numbers)
            return "nothing";
        if (random.Next(3) == 0 || numbers.Dims.Count == 0)
            numbers.Dims.Insert(random.Next(numbers.Dims.Count + 1), random.Next(2) == 0 ? 1 : Strange(random));
        else if (random.Next(3) == 0)
            numbers.Dims.RemoveAt(random.Next(numbers.Dims.Count));
        else
            numbers.Dims[random.Next(numbers.Dims.Count)] = Strange(random);
        return $"an initializer of [{string.Join(", ", numbers.Dims)}]";
    }

    private static string ChangeType(ModelProto model, Random random)
    {
        if (Numbers(model, random, _ => true) is { } numbers)
            numbers.DataType = random.Next(-1, 30);
        return "an initializer of another type";
    }

    private static string ChangeWholes(ModelProto model, Random random)
    {
        if (Numbers(model, random, tensor => tensor.DataType == (int)TensorProto.Types.DataType.Int64 && tensor.RawData.Length >= sizeof(long)) is not { } numbers)
            return "nothing";
        var values = MemoryMarshal.Cast<byte, long>(numbers.RawData.Span).ToArray();
        for (var count = random.Next(1, 3); count > 0; count--)
            values[random.Next(values.Length)] = Strange(random);
        numbers.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        return $"whole numbers [{string.Join(", ", values.Take(8))}]";
    }

    private static string ChangeReals(ModelProto model, Random random)
    {
        if (Numbers(model, random, tensor => tensor.DataType == (int)TensorProto.Types.DataType.Float && tensor.RawData.Length >= sizeof(float)) is not { } numbers)
            return "nothing";
        var values = MemoryMarshal.Cast<byte, float>(numbers.RawData.Span).ToArray();
        var value = Any(StrangeReals, random);
        if (random.Next(2) == 0)
            Array.Fill(values, value);
        values[random.Next(values.Length)] = value;
        numbers.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        return FormattableString.Invariant($"a weight {value}");
    }

    private static string CutNumbers(ModelProto model, Random random)
    {
        if (Numbers(model, random, tensor => tensor.RawData.Length > 0) is not { } numbers)
            return "nothing";
        if (random.Next(2) == 0)
            numbers.RawData = ByteString.CopyFrom(numbers.RawData.Span[..random.Next(numbers.RawData.Length)]);
        else
            numbers.DataLocation = TensorProto.Types.DataLocation.External;
        return "an initializer without all of its bytes";
    }

    private static string ChangeAttribute(ModelProto model, Random random)
    {
        AttributeProto[] all = [.. model.Graph.Node.SelectMany(node => node.Attribute)];
        if (all.Length == 0)
            return AddAttribute(model, random);
        var attribute = Any(all, random);
        switch (attribute.Type)
        {
            case AttributeType.Int:
                attribute.I = Strange(random);
                return $"{attribute.Name} {attribute.I}";
            case AttributeType.Float:
                attribute.F = Any(StrangeReals, random);
                return FormattableString.Invariant($"{attribute.Name} {attribute.F}");
            case AttributeType.Ints when attribute.Ints.Count > 0 && random.Next(4) > 0:
                attribute.Ints[random.Next(attribute.Ints.Count)] = Strange(random);
                return $"{attribute.Name} [{string.Join(", ", attribute.Ints)}]";
            case AttributeType.Ints:
                attribute.Ints.Add(Strange(random));
                return $"{attribute.Name} [{string.Join(", ", attribute.Ints)}]";
            case AttributeType.Floats when attribute.Floats.Count > 0:
                attribute.Floats[random.Next(attribute.Floats.Count)] = Any(StrangeReals, random);
                return $"{attribute.Name} of {attribute.Floats.Count}";
            default:
                attribute.S = ByteString.CopyFromUtf8(Any(["", "bhwc,hkc->bhwk", "SAME_UPPER", "VALID", "...ij,...jk->...ik", "linear", "cubic", "wrap", "edge"], random));
                return $"{attribute.Name} '{attribute.S.ToStringUtf8()}'";
        }
    }

    private static string ChangeAttributeType(ModelProto model, Random random)
    {
        AttributeProto[] all = [.. model.Graph.Node.SelectMany(node => node.Attribute)];
        if (all.Length == 0)
            return "nothing";
        var attribute = Any(all, random);
        if (random.Next(3) == 0)
            attribute.Name = Any(AttributeNames, random);
        else
            attribute.Type = (AttributeType)random.Next(0, 9);
        return $"{attribute.Name} of type {attribute.Type}";
    }

    private static string AddAttribute(ModelProto model, Random random)
    {
        var (node, name) = (Node(model, random), Any(AttributeNames, random));
        node.Attribute.Add(random.Next(4) switch
        {
            0 => OnnxGraph.Number(name, Strange(random)),
            1 => OnnxGraph.Number(name, Any(StrangeReals, random)),
            _ => OnnxGraph.Numbers(name, [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Strange(random))]),
        });
        return $"{node.OpType} with {name}";
    }

    private static string Rename(ModelProto model, Random random)
    {
        var (first, second) = (Node(model, random), Node(model, random));
        if (first.Output.Count > 0)
            first.Output[0] = random.Next(3) switch { 0 => model.Graph.Input.Count > 0 ? model.Graph.Input[0].Name : "", 1 => second.Output.FirstOrDefault() ?? "", _ => "other" };
        return $"{first.OpType} makes '{first.Output.FirstOrDefault()}'";
    }

    private static string ChangeOperator(ModelProto model, Random random)
    {
        var node = Node(model, random);
        var former = node.OpType;
        node.OpType = Any(Operators.Value, random);
        if (random.Next(3) == 0)
            node.Attribute.Clear();
        return $"{former} as {node.OpType}";
    }

    private static string SwapInputs(ModelProto model, Random random)
    {
        var node = Node(model, random);
        if (node.Input.Count > 1)
            (node.Input[0], node.Input[^1]) = (node.Input[^1], node.Input[0]);
        return $"{node.OpType} the other way round";
    }

    private static string DropInput(ModelProto model, Random random)
    {
        var node = Node(model, random);
        if (node.Input.Count > 0)
            node.Input.RemoveAt(random.Next(node.Input.Count));
        return $"{node.OpType} without an input";
    }

    private static string TakeOther(ModelProto model, Random random)
    {
        var node = Node(model, random);
        string[] values = [.. model.Graph.Initializer.Select(initializer => initializer.Name), .. model.Graph.Node.SelectMany(other => other.Output), .. model.Graph.Input.Select(input => input.Name)];
        if (random.Next(4) == 0)
            node.Input.Add(Any(values, random));
        else if (node.Input.Count > 0)
            node.Input[random.Next(node.Input.Count)] = Any(values, random);
        return $"{node.OpType} of another value";
    }

    private static string ChangeVersion(ModelProto model, Random random)
    {
        var version = random.Next(4) == 0 ? Strange(random) : random.Next(5, 24);
        foreach (var set in model.OpsetImport)
            set.Version = version;
        return $"operators {version}";
    }

    private static string Empty(ModelProto model, Random random)
    {
        var node = Node(model, random);
        switch (random.Next(4))
        {
            case 0:
                node.Name = "";
                break;
            case 1 when node.Input.Count > 0:
                node.Input[random.Next(node.Input.Count)] = "";
                break;
            case 2 when node.Output.Count > 0:
                node.Output[0] = "";
                break;
            default:
                node.Domain = Any(["ai.onnx", "com.microsoft", " "], random);
                break;
        }
        return $"{node.OpType} with an empty text";
    }

    private static string ChangeImage(ModelProto model, Random random)
    {
        if (model.Graph.Input.Count == 0 || model.Graph.Input[0].Type?.TensorType is not { } type)
            return "nothing";
        if (random.Next(4) == 0)
            type.ElemType = random.Next(0, 20);
        else if (type.Shape is { Dim.Count: > 0 } shape)
            Any(shape.Dim, random).DimValue = random.Next(3) == 0 ? Strange(random) : random.Next(1, 300);
        return $"images [{string.Join(", ", type.Shape?.Dim.Select(size => size.DimValue) ?? [])}]";
    }

    private static string AddOutput(ModelProto model, Random random)
    {
        var node = Node(model, random);
        node.Output.Insert(random.Next(node.Output.Count + 1), random.Next(2) == 0 ? "" : $"more {random.Next(1000)}");
        return $"{node.OpType} with {node.Output.Count} outputs";
    }

    private static string EndElsewhere(ModelProto model, Random random)
    {
        var node = Node(model, random);
        if (model.Graph.Output.Count > 0 && node.Output.Count > 0)
            model.Graph.Output[0].Name = node.Output[0];
        return $"scores from {node.OpType}";
    }
}

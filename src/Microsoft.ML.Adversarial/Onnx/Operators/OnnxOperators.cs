using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The operators of ai.onnx that are understood, versions 7 to 22.</summary>
internal static class OnnxOperators
{
    public const long First = 7, Last = 22;

    private static readonly Dictionary<string, OnnxOperator> Table = new[]
    {
        OnnxConvolutions.Entries, OnnxNormalizations.Entries, OnnxArithmetic.Entries, OnnxActivations.Entries,
        OnnxShapes.Entries, OnnxSelections.Entries, OnnxPools.Entries, OnnxResizing.Entries,
    }.SelectMany(entries => entries).ToDictionary(StringComparer.Ordinal);

    public static OnnxOperator? Find(NodeProto node) => node.Domain is "" or "ai.onnx" ? Table.GetValueOrDefault(node.OpType) : null;

    /// <summary>Operators whose results are constants that a file may have instead of initializers.</summary>
    /// <param name="node">The node.</param>
    /// <param name="tensors">Reads them.</param>
    /// <returns>The constant, which no dispose scope owns; null where the node is none.</returns>
    public static Tensor? Constant(OnnxNode node, OnnxTensors tensors)
    {
        if (node.Operation != "Constant")
            return null;
        using var scope = NewDisposeScope();
        if (node.Numbers("value") is { } numbers)
            return tensors.Read(numbers);
        var made = node switch
        {
            _ when node.Has("value_int") => OnnxSizes.ToTensor([node.Whole("value_int", 0, long.MinValue, long.MaxValue)]).squeeze(0),
            _ when node.Has("value_ints") => OnnxSizes.ToTensor(node.Wholes("value_ints")!),
            _ when node.Has("value_float") => tensor(node.Real("value_float", 0)),
            _ when node.Has("value_floats") => tensor([.. node.Reals("value_floats")!]),
            _ => throw node.Refuse($"the attributes [{string.Join(", ", node.Proto.Attribute.Select(attribute => attribute.Name))}]", "value, value_int, value_ints, value_float or value_floats"),
        };
        // torch's own memory, as OnnxTensors says.
        return made.clone().DetachFromDisposeScope();
    }

    /// <summary>ConstantOfShape: its value is a tensor of the file, which the table's entries do not read.</summary>
    public static OnnxOperator Filled(OnnxTensors tensors) => OnnxOperator.Of(node =>
    {
        using var value = node.Numbers("value") is { } number ? tensors.Read(number) : zeros(1).DetachFromDisposeScope();
        if (value.numel() != 1)
            throw node.Refuse($"a value of {value.numel()} numbers", "one");
        var (type, filling) = (value.dtype, OnnxSizes.Reals(value)[0]);
        return inputs => zeros(OnnxSizes.Of(inputs[0])).Plus(filling).to(type);
    }) with
    { HostInputs = [0], Numbers = OnnxNumbers.Sizes(0) };
}

using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>One node of a file as its operator reads it; whatever is not as expected is refused by the node's name.</summary>
internal sealed class OnnxNode(NodeProto node, int number, long operatorSet, string file)
{
    public NodeProto Proto => node;

    public string Operation => node.OpType;

    public IReadOnlyList<string> Inputs => node.Input;

    public IReadOnlyList<string> Outputs => node.Output;

    /// <summary>The version of the operators that the file was written for.</summary>
    public long OperatorSet => operatorSet;

    /// <summary>Whether the file was written for this version or a later one.</summary>
    public bool IsSince(long version) => operatorSet >= version;

    public bool Has(string attribute) => node.Attribute.Any(found => found.Name == attribute);

    public long Whole(string attribute, long usual, long minimum = -1_000_000, long maximum = 1_000_000)
    {
        if (Find(attribute, AttributeProto.Types.AttributeType.Int) is not { I: var number })
            return usual;
        return number >= minimum && number <= maximum ? number : throw Refuse($"{attribute} {number}", $"{minimum} to {maximum}");
    }

    public float Real(string attribute, float usual)
    {
        if (Find(attribute, AttributeProto.Types.AttributeType.Float) is not { F: var number })
            return usual;
        return float.IsFinite(number) ? number : throw Refuse(FormattableString.Invariant($"{attribute} {number}"), "a finite number");
    }

    public bool Flag(string attribute, bool usual) => Whole(attribute, usual ? 1 : 0, 0, 1) == 1;

    public IReadOnlyList<long>? Wholes(string attribute) => Find(attribute, AttributeProto.Types.AttributeType.Ints)?.Ints;

    /// <param name="attribute">Its name.</param>
    /// <param name="count">How many numbers it must have.</param>
    /// <param name="usual">Each number where the attribute is left out.</param>
    /// <param name="minimum">Of each.</param>
    /// <param name="maximum">Of each; windows, strides and margins of images are no larger.</param>
    public long[] Wholes(string attribute, int count, long usual, long minimum, long maximum = 65_536)
    {
        var numbers = Wholes(attribute)?.ToArray() ?? [.. Enumerable.Repeat(usual, count)];
        return numbers.Length == count && numbers.All(number => number >= minimum && number <= maximum)
            ? numbers
            : throw Refuse($"{attribute} [{Text(numbers)}]", $"{count} numbers from {minimum} to {maximum}");
    }

    public IReadOnlyList<float>? Reals(string attribute) => Find(attribute, AttributeProto.Types.AttributeType.Floats)?.Floats;

    public string Text(string attribute, string usual) => Find(attribute, AttributeProto.Types.AttributeType.String)?.S.ToStringUtf8() ?? usual;

    /// <param name="attribute">Its name.</param>
    /// <param name="known">The values that are understood, the usual one first.</param>
    public string OneOf(string attribute, params string[] known)
    {
        var text = Text(attribute, known[0]);
        return known.Contains(text) ? text : throw Refuse($"{attribute} '{text}'", string.Join(", ", known.Select(value => $"'{value}'")));
    }

    public IReadOnlyList<string> Texts(string attribute) => [.. Find(attribute, AttributeProto.Types.AttributeType.Strings)?.Strings.Select(text => text.ToStringUtf8()) ?? []];

    public TensorProto? Numbers(string attribute) => Find(attribute, AttributeProto.Types.AttributeType.Tensor)?.T;

    public InvalidDataException Refuse(string what, string expected) => new($"'{file}': {this} has {what}; expected {expected}.");

    public InvalidDataException Refuse(string what, Exception cause) => new($"'{file}': {this} {what}.", cause);

    public override string ToString() => node.Name.Length > 0 ? $"node {number} '{node.Name}' ({node.OpType})" : $"node {number} ({node.OpType}, which makes '{string.Join("', '", node.Output)}')";

    private AttributeProto? Find(string name, AttributeProto.Types.AttributeType type)
    {
        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == name) is not { } found)
            return null;
        // Files of the format's first years leave the type out.
        return found.Type == type || found.Type == AttributeProto.Types.AttributeType.Undefined ? found : throw Refuse($"{name} of type {found.Type}", $"{type}");
    }

    private static string Text(IEnumerable<long> numbers) => string.Join(", ", numbers.Take(8));
}

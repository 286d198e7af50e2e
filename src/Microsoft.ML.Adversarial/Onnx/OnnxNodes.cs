using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The nodes of a file in their order. All are first looked at one by one, so that a foreign graph is refused by the first node of a kind that <see cref="OnnxWriter"/> never
/// writes; then each is taken as what its place asks for.
/// </summary>
internal sealed class OnnxNodes
{
    private static readonly Dictionary<string, Form> Forms = new(StringComparer.Ordinal)
    {
        ["Transpose"] = new(1, 1, "perm"),
        ["Sub"] = new(2, 2),
        ["Div"] = new(2, 2),
        ["Mul"] = new(2, 2),
        ["Add"] = new(2, 2),
        ["Conv"] = new(2, 3, "kernel_shape", "strides", "pads"),
        ["InstanceNormalization"] = new(3, 3, "epsilon"),
        ["Reshape"] = new(2, 2),
        ["Shape"] = new(1, 1),
        ["Relu"] = new(1, 1),
        ["MaxPool"] = new(1, 1, "kernel_shape", "strides", "pads"),
        ["GlobalAveragePool"] = new(1, 1),
        ["Flatten"] = new(1, 1),
        ["Gemm"] = new(3, 3, "transB"),
        ["Softmax"] = new(1, 1, "axis"),
        ["ArgMax"] = new(1, 1, "axis", "keepdims"),
        ["Identity"] = new(1, 1),
        ["LabelEncoder"] = new(1, 1, "keys_strings", "values_int64s") { Domain = OnnxWriter.MachineLearningDomain },
    };

    private readonly string file;
    private readonly List<OnnxNode> nodes;

    /// <summary>How many nodes that lead to an output take a value; one that looks at its shape alone does not.</summary>
    private readonly Dictionary<string, int> uses;

    /// <summary>What was asked for in vain at this place.</summary>
    private readonly List<string> asked = [];

    private int position;

    /// <exception cref="InvalidDataException">A node is of an unknown kind or form, or computes a value that exists already.</exception>
    public OnnxNodes(GraphProto graph, string file)
    {
        this.file = file;
        var constants = new OnnxConstants(graph.Initializer, file);
        nodes = [.. graph.Node.Select((node, index) => new OnnxNode(node, index + 1, constants, file))];
        var values = graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            CheckForm(node);
            if (node.Output.Length == 0 || constants.Find(node.Output) is not null || !values.Add(node.Output))
                throw node.Refuse($"the output '{node.Output}'", "a name that nothing before it has");
        }
        // Of nodes that are known to have an output.
        uses = CountUses(graph.Output.Select(output => output.Name));
    }

    /// <summary>Whether the next node is of this kind and starts from these values.</summary>
    public bool IsNext(string operation, params string[] values)
    {
        if (position < nodes.Count && Fits(nodes[position], operation, values))
            return true;
        asked.Add($"{operation} of '{string.Join("' and '", values)}'");
        return false;
    }

    /// <exception cref="InvalidDataException">The next node is not of this kind, or does not start from these values.</exception>
    public OnnxNode Take(string operation, params string[] values)
    {
        if (!IsNext(operation, values))
            throw OutOfPlace();
        asked.Clear();
        return nodes[position++];
    }

    /// <summary>How many nodes take this value.</summary>
    public int Uses(string value) => uses.GetValueOrDefault(value);

    /// <param name="operations">What the next node may be.</param>
    /// <param name="isKnown">Whether it may start from this value.</param>
    /// <exception cref="InvalidDataException">The next node is of another kind, starts from another value, or computes what no node takes.</exception>
    public OnnxNode TakeAny(IReadOnlyCollection<string> operations, Predicate<string> isKnown)
    {
        asked.Clear();
        if (position < nodes.Count && nodes[position] is var next && operations.Contains(next.Operation) && isKnown(next.Inputs[0]) && Uses(next.Output) > 0)
            return nodes[position++];
        asked.Add($"{string.Join(", ", operations)} of a value before it, for a node behind it");
        throw OutOfPlace();
    }

    /// <exception cref="InvalidDataException">There are more nodes.</exception>
    public void End()
    {
        if (position < nodes.Count)
            throw new InvalidDataException($"'{file}': {nodes[position]} stands behind the class names; expected no more nodes.");
    }

    private static bool Fits(OnnxNode node, string operation, string[] values) =>
        node.Operation == operation && node.Inputs.Take(values.Length).SequenceEqual(values);

    private Dictionary<string, int> CountUses(IEnumerable<string> outputs)
    {
        var counts = outputs.CountBy(output => output, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        foreach (var node in nodes.AsEnumerable().Reverse())
            if (node.Operation != "Shape" && counts.ContainsKey(node.Output))
                foreach (var input in node.Inputs)
                    counts[input] = counts.GetValueOrDefault(input) + 1;
        return counts;
    }

    private InvalidDataException OutOfPlace() => position == nodes.Count
        ? new($"'{file}': the graph ends after {position} nodes; expected {string.Join(", or ", asked)}.")
        : new($"'{file}': {nodes[position]} of '{string.Join("' and '", nodes[position].Inputs)}' is out of place; expected {string.Join(", or ", asked)}, as ExportOnnx and ml.Model.Save write it.");

    private void CheckForm(OnnxNode node)
    {
        if (!Forms.TryGetValue(node.Operation, out var form) || node.Domain != form.Domain)
            throw new InvalidDataException(
                $"'{file}': {node}{(node.Domain.Length == 0 ? "" : $" of domain '{node.Domain}'")} is not supported; expected a graph as ExportOnnx and ml.Model.Save write it, of {string.Join(", ", Forms.Keys)}.");
        if (node.Inputs.Count < form.LeastInputs || node.Inputs.Count > form.MostInputs || node.Outputs.Count != 1)
            throw node.Refuse($"{node.Inputs.Count} inputs and {node.Outputs.Count} outputs", $"{form.LeastInputs} to {form.MostInputs} inputs and one output");
        if (!node.Attributes.Order(StringComparer.Ordinal).SequenceEqual(form.Attributes.Order(StringComparer.Ordinal)))
            throw node.Refuse($"the attributes [{string.Join(", ", node.Attributes)}]", $"[{string.Join(", ", form.Attributes)}]");
    }

    private sealed record Form(int LeastInputs, int MostInputs, params string[] Attributes)
    {
        public string Domain { get; init; } = "";
    }
}

using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The steps that lead from one value of a file to another, in an order in which each finds what it needs, with the constants among them. Whatever else the file has is left alone.
/// </summary>
internal sealed class OnnxGraphReader : IDisposable
{
    /// <summary>What can be done with a file that is not understood.</summary>
    public const string Remedy = "Its scores can be attacked without its gradients: EvaluateBlackBox on a pipeline with ApplyOnnxModel.";

    /// <summary>Networks whose shapes were not folded have some 5,000; each takes its time however small it is.</summary>
    private const int MostNodes = 20_000;

    private const int Shown = 12;

    private readonly OnnxFile file;
    private readonly OnnxTensors tensors;
    private readonly Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly List<Tensor?> constants = [];
    private readonly List<string> names = [];

    /// <exception cref="InvalidDataException">Names are not names of one thing each, or there are too many.</exception>
    public OnnxGraphReader(OnnxFile file)
    {
        this.file = file;
        tensors = new OnnxTensors(file);
        if (file.Graph.Node.Count > MostNodes)
            throw new InvalidDataException($"'{file.Name}' has {file.Graph.Node.Count} nodes; expected at most {MostNodes}.");
        foreach (var initializer in file.Graph.Initializer)
            if (initializer.Name.Length == 0 || !initializers.TryAdd(initializer.Name, initializer))
                throw new InvalidDataException($"'{file.Name}': there are two initializers '{initializer.Name}', or one without a name; expected a name of its own for each.");
        foreach (var node in file.Graph.Node)
            foreach (var output in node.Output.Where(output => output.Length > 0))
                if (initializers.ContainsKey(output) || !producers.TryAdd(output, node))
                    throw new InvalidDataException($"'{file.Name}': the value '{output}' is made twice; expected a name of its own for each.");
    }

    public IReadOnlyList<GraphStep> Steps { get; private set; } = [];

    /// <summary>By place; the reader's until they are taken.</summary>
    public List<Tensor?> Constants => constants;

    /// <summary>By place.</summary>
    public IReadOnlyList<string> Names => names;

    /// <param name="input">The value to begin with.</param>
    /// <param name="output">The value to end with.</param>
    /// <returns>Their places.</returns>
    /// <exception cref="InvalidDataException">An operator is not understood, a value comes from nowhere, or the graph feeds on itself.</exception>
    public (int Input, int Output) Read(string input, string output)
    {
        var begin = Place(input);
        var nodes = Order(input, output);
        if (initializers.ContainsKey(input) || nodes.Any(node => node.Output.Contains(input)))
            throw new InvalidDataException($"'{file.Name}': the value '{input}' is what the graph takes, and is made in it as well; expected a name of its own for each.");
        CheckOperators(nodes);
        var numbers = file.Graph.Node.Select((node, index) => (node, index)).ToDictionary(pair => pair.node, pair => pair.index + 1, ReferenceEqualityComparer.Instance as IEqualityComparer<NodeProto>);
        var operatorSet = file.OperatorSet;
        List<GraphStep> steps = [];
        foreach (var proto in nodes)
        {
            var node = new OnnxNode(proto, numbers[proto], operatorSet, file.Name);
            if (OnnxOperators.Constant(node, tensors) is { } constant)
            {
                constants[Place(proto.Output[0])] = constant;
                continue;
            }
            var entry = proto.OpType == "ConstantOfShape" ? OnnxOperators.Filled(tensors) : OnnxOperators.Find(proto)!;
            steps.Add(new GraphStep(
                new OnnxOperation(node, entry),
                [.. proto.Input.Select(name => name.Length == 0 ? GraphStep.None : Place(name))],
                // What is left out among several results has a place all the same.
                [.. proto.Output.Select((name, index) => name.Length == 0 ? Add($"output {index} of {node}", null) : Place(name))]));
        }
        Steps = steps;
        return (begin, Place(output));
    }

    /// <summary>Where a file for one image reshapes to sizes of its own, the first one is left to what there is: it is the batch, or a multiple of it.</summary>
    public void FreeBatch()
    {
        Steps = [.. Steps.Select(step => step is { Operation: OnnxOperation { Proto.OpType: "Reshape" }, Inputs: [_, >= 0 and var place] } && constants[place] is { } sizes && sizes.numel() < 16 && OnnxSizes.Of(sizes) is [> 0, .. var rest] && rest.All(size => size > 0)
            ? step with { Inputs = [step.Inputs[0], Add($"{names[step.Outputs[0]]} sizes", OnnxSizes.ToTensor([-1, .. rest]).DetachFromDisposeScope())] }
            : step)];
    }

    public void Dispose()
    {
        foreach (var constant in constants)
            constant?.Dispose();
        constants.Clear();
    }

    private int Add(string name, Tensor? constant)
    {
        names.Add(name);
        constants.Add(constant);
        return constants.Count - 1;
    }

    private int Place(string name)
    {
        if (places.TryGetValue(name, out var place))
            return place;
        return places[name] = Add(name, initializers.TryGetValue(name, out var initializer) ? tensors.Read(initializer) : null);
    }

    /// <summary>Depth first from the end, without the stack of calls, which a file could exhaust.</summary>
    private List<NodeProto> Order(string input, string output)
    {
        List<NodeProto> ordered = [];
        HashSet<NodeProto> done = new(ReferenceEqualityComparer.Instance as IEqualityComparer<NodeProto>), open = new(ReferenceEqualityComparer.Instance as IEqualityComparer<NodeProto>);
        var stack = new Stack<(NodeProto Node, int Next)>();
        Visit(output, null);
        while (stack.TryPop(out var top))
        {
            if (top.Next == top.Node.Input.Count)
            {
                open.Remove(top.Node);
                done.Add(top.Node);
                ordered.Add(top.Node);
                continue;
            }
            stack.Push((top.Node, top.Next + 1));
            if (top.Node.Input[top.Next] is { Length: > 0 } name)
                Visit(name, top.Node);
        }
        return ordered;

        void Visit(string name, NodeProto? by)
        {
            if (name == input || initializers.ContainsKey(name))
                return;
            if (!producers.TryGetValue(name, out var node))
                throw new InvalidDataException($"'{file.Name}': {(by is null ? "the output" : $"node '{by.Name}' ({by.OpType})")} needs the value '{name}', which nothing makes; expected '{input}', an initializer or another node's output.");
            if (done.Contains(node))
                return;
            if (!open.Add(node))
                throw new InvalidDataException($"'{file.Name}': node '{node.Name}' ({node.OpType}) needs its own output '{name}'; expected a graph without circles.");
            stack.Push((node, 0));
        }
    }

    private void CheckOperators(List<NodeProto> nodes)
    {
        string[] unknown = [.. nodes
            .Where(node => OnnxOperators.Find(node) is null && !(node.Domain is "" or "ai.onnx" && node.OpType is "Constant" or "ConstantOfShape"))
            .Select(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}")
            .Distinct().Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
            throw new InvalidDataException(
                $"'{file.Name}' has operators that are not understood: {string.Join(", ", unknown.Take(Shown))}{(unknown.Length > Shown ? $" and {unknown.Length - Shown} more" : "")}. "
                + Remedy);
        if (nodes.FirstOrDefault(node => node.Output.Count == 0) is { } silent)
            throw new InvalidDataException($"'{file.Name}': node '{silent.Name}' ({silent.OpType}) has no output; expected one at least.");
    }
}

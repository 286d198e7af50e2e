using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Hostile;

/// <summary>A few nodes that ask for very much: put behind some value, and all that took this takes theirs.</summary>
internal static class HostileBombs
{
    private static readonly long[] Powers = [4, 10, 14, 18, 22, 24, 26, 28, 31, 33, 40];

    public static string Add(ModelProto model, Random random)
    {
        var graph = model.Graph;
        var node = HostileChanges.Any(graph.Node, random);
        if (node.Output.Count == 0 || graph.Output.Count == 0)
            return "nothing";
        var (value, large) = (node.Output[0], 1L << (int)HostileChanges.Any(Powers, random));
        var count = graph.Node.Count;
        var (made, what) = random.Next(11) switch
        {
            0 => (Node("Expand", value, Wholes(2, large, 1, 1, 1)), $"expanded {large}"),
            1 => (Node("Tile", value, Wholes(1, 1, large, HostileChanges.Strange(random))), $"tiled {large}"),
            2 => (Node("Add", value, Node("ConstantOfShape", Wholes(large, 1 + random.Next(3)))), $"a constant of {large}"),
            3 => (Node("Add", value, Node("Cast", Node("Range", Whole(0), Whole(large), Whole(1)), Number("to", 1))), $"a range to {large}"),
            4 => (Node("Resize", value, "", "", Wholes(1, 1, large, 2)), $"resized to {large}"),
            5 => (Node("Resize", value, "", Real(1, 1, large, 1)), $"resized by {large}"),
            6 => (Node("Pad", value, Wholes(0, 0, large, large, 0, 0, 3, HostileChanges.Strange(random))), $"padded by {large}"),
            7 => (Doubled("Concat", 40), "doubled 40 times"),
            8 => (Node("ReduceMean", Doubled("Concat", random.Next(5, 25))), "doubled and averaged"),
            9 => (Chain("Identity", random.Next(2, 400)), "many nodes"),
            _ => (Chain("Add", 40), "added to itself 40 times"),
        };
        foreach (var other in graph.Node.Take(count))
            for (var i = 0; i < other.Input.Count; i++)
                if (other.Input[i] == value)
                    other.Input[i] = made;
        if (graph.Output[0].Name == value)
            graph.Output[0].Name = made;
        return what;

        string Name() => $"bomb {graph.Node.Count} {graph.Initializer.Count}";

        string Node(string operation, params object[] inputs)
        {
            var added = new NodeProto { OpType = operation, Output = { Name() } };
            added.Input.AddRange(inputs.OfType<string>());
            added.Attribute.AddRange(inputs.OfType<AttributeProto>());
            graph.Node.Add(added);
            return added.Output[0];
        }

        string Chain(string operation, int length) => Enumerable.Range(0, length).Aggregate(value, (last, _) => operation == "Add" ? Node("Add", last, last) : Node(operation, last));

        string Doubled(string operation, int times) => Enumerable.Range(0, times).Aggregate(value, (last, _) => Node(operation, last, last, Number("axis", 2)));

        AttributeProto Number(string name, long number) => OnnxGraph.Number(name, number);

        string Wholes(params long[] numbers) => Store(new TensorProto { DataType = 7, Dims = { numbers.Length }, Int64Data = { numbers } });

        string Whole(long number) => Store(new TensorProto { DataType = 7, Int64Data = { number } });

        string Real(params float[] numbers) => Store(new TensorProto { DataType = 1, Dims = { numbers.Length }, FloatData = { numbers } });

        string Store(TensorProto tensor)
        {
            tensor.Name = Name();
            graph.Initializer.Add(tensor);
            return tensor.Name;
        }
    }
}

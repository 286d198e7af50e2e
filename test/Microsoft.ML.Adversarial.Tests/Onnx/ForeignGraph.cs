using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Onnx.Foreign;
using static Microsoft.ML.Adversarial.Onnx.Format.TensorProto.Types;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>A small network from elsewhere, and what to change in it.</summary>
internal static class ForeignGraph
{
    public const string Input = Foreign.ForeignNetwork.Input;

    public const int ClassCount = Foreign.ForeignNetwork.ClassCount;

    public static ModelProto Changed(Action<ModelProto> change)
    {
        var model = ForeignNetworks.Model("letters");
        change(model);
        return model;
    }

    public static NodeProto Node(ModelProto model, string operation, int index = 0) => model.Graph.Node.Where(node => node.OpType == operation).ElementAt(index);

    /// <summary>Of the first node of a kind.</summary>
    public static TensorProto Weights(ModelProto model, string operation) => model.Graph.Initializer.Single(constant => constant.Name == Node(model, operation).Input[1]);

    /// <summary>Of the first node of a kind.</summary>
    public static void Set(ModelProto model, string operation, AttributeProto attribute)
    {
        var node = Node(model, operation);
        foreach (var former in node.Attribute.Where(former => former.Name == attribute.Name).ToList())
            node.Attribute.Remove(former);
        node.Attribute.Add(attribute);
    }

    public static void Transpose(TensorProto constant) => (constant.Dims[0], constant.Dims[1]) = (constant.Dims[1], constant.Dims[0]);

    /// <summary>The scores are what this makes of them.</summary>
    public static ModelProto Append(ModelProto model, string operation, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = "last", Input = { model.Graph.Output[0].Name }, Output = { $"last {model.Graph.Node.Count}" }, Attribute = { attributes } };
        model.Graph.Node.Add(node);
        model.Graph.Output[0].Name = node.Output[0];
        return model;
    }

    /// <summary>Between the image and the first convolution, which stays as it is.</summary>
    public static NodeProto InFront(ModelProto model, string operation, params string[] more)
    {
        var first = model.Graph.Node.First(node => node.Input.Contains(Input) || node.Input.Any(input => input.StartsWith("front", StringComparison.Ordinal)));
        var node = new NodeProto { OpType = operation, Name = operation, Input = { first.Input[0], more }, Output = { $"front {model.Graph.Node.Count}" } };
        model.Graph.Node.Add(node);
        first.Input[0] = node.Output[0];
        return node;
    }

    /// <summary>Batch normalisations behind the first node of a kind, one behind the other; and the sum of what the first and the last make.</summary>
    public static void Normalize(ModelProto model, string operation, int times, bool adds)
    {
        var first = Node(model, operation);
        var (channels, wanted) = (Weights(model, operation).Dims[0], first.Output[0]);
        first.Output[0] = "normalized 0";
        foreach (var (name, value) in new[] { ("scale", 1.5f), ("shift", 0.25f), ("mean", 0.5f), ("variance", 2f) })
            model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)DataType.Float, Dims = { channels }, FloatData = { Enumerable.Repeat(value, (int)channels) } });
        for (var i = 1; i <= times; i++)
            model.Graph.Node.Add(new NodeProto { OpType = "BatchNormalization", Input = { $"normalized {i - 1}", "scale", "shift", "mean", "variance" }, Output = { i == times && !adds ? wanted : $"normalized {i}" } });
        if (adds)
            model.Graph.Node.Add(new NodeProto { OpType = "Add", Input = { "normalized 1", $"normalized {times}" }, Output = { wanted } });
    }

    /// <summary>The image many times over, and its mean again.</summary>
    public static void Expand(ModelProto model, long times)
    {
        InFront(model, "Expand", Whole(model, times, 1, 1, 1, 1));
        InFront(model, "ReduceMean").Attribute.AddRange([OnnxGraph.Numbers("axes", 0), OnnxGraph.Number("keepdims", 0)]);
    }

    /// <summary>Each of so many numbers, added to the image as its mean.</summary>
    public static void Constants(ModelProto model, int count, long length)
    {
        for (var i = 0; i < count; i++)
        {
            var filled = new NodeProto { OpType = "ConstantOfShape", Name = "filled", Input = { Whole(model, length) }, Output = { $"filled {i}" } };
            var mean = new NodeProto { OpType = "ReduceMean", Name = "mean", Input = { filled.Output[0] }, Output = { $"mean {i}" }, Attribute = { OnnxGraph.Numbers("axes", 0) } };
            model.Graph.Node.AddRange([filled, mean]);
            InFront(model, "Add", mean.Output[0]);
        }
    }

    /// <summary>The name of a new constant.</summary>
    public static string Whole(ModelProto model, params long[] numbers)
    {
        var tensor = new TensorProto { Name = $"sizes {model.Graph.Initializer.Count}", DataType = (int)DataType.Int64, Dims = { numbers.Length }, Int64Data = { numbers } };
        model.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }
}

using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Onnx.Format.TensorProto.Types;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Hostile;

/// <summary>Nodes one behind the other.</summary>
internal static class HostileChain
{
    public static HostileFile Of(string operation, int length)
    {
        var graph = new GraphProto { Name = "chain", Initializer = { new TensorProto { Name = "sizes", DataType = (int)DataType.Int64, Dims = { 4 }, Int64Data = { 1, 3, 4, 4 } } } };
        graph.Input.Add(Describe("0"));
        for (var i = 1; i <= length; i++)
        {
            var node = new NodeProto { OpType = operation, Input = { $"{i - 1}" }, Output = { $"{i}" } };
            if (operation == "Reshape")
                node.Input.Add("sizes");
            graph.Node.Add(node);
        }
        graph.Output.Add(Describe($"{length}"));
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } };
        return new HostileFile(model.ToByteArray(), IsClassifier: false, $"{length} of {operation}");
    }

    private static ValueInfoProto Describe(string name) => new()
    {
        Name = name,
        Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto { Dim = { OnnxGraph.Size(1), OnnxGraph.Size(3), OnnxGraph.Size(4), OnnxGraph.Size(4) } } } },
    };
}

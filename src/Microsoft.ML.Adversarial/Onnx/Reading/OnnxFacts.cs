using static Microsoft.ML.Adversarial.Onnx.Format.TensorProto.Types;

namespace Microsoft.ML.Adversarial;

/// <summary>Facts of a network, told from its file.</summary>
internal static class OnnxFacts
{
    private static readonly Dictionary<DataType, string> RealTypes = new()
    {
        [DataType.Float] = "float32",
        [DataType.Double] = "float64",
        [DataType.Float16] = "float16",
        [DataType.Bfloat16] = "bfloat16",
    };

    /// <param name="file">As it was read.</param>
    /// <param name="graph">What of it leads from the images to the scores.</param>
    public static NetworkFacts Of(OnnxFile file, ImportedGraph graph) => new()
    {
        Producer = $"{file.Model.ProducerName} {file.Model.ProducerVersion}".Trim(),
        NumberTypes = string.Join(", ", file.Graph.Initializer
            .IntersectBy(graph.Names, constant => constant.Name)
            .Select(constant => RealTypes.GetValueOrDefault((DataType)constant.DataType))
            .OfType<string>()
            .Distinct().Order(StringComparer.Ordinal)),
        Layers = graph.Plan.Steps.Count(step => step.Operation.LinearInput(input => graph.Constants[step.Inputs[input]] is not null) is not null),
        Parameters = graph.Learned.Sum(place => graph.Constants[place]!.numel()),
        MultiplyAdds = graph.MultiplyAdds,
    };
}

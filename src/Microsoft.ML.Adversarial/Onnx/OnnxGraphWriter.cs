namespace Microsoft.ML.Adversarial;

/// <summary>Writes an imported graph: its nodes as their file had them, its constants as they are now.</summary>
internal static class OnnxGraphWriter
{
    /// <param name="graph">The file being written.</param>
    /// <param name="imported">What to add.</param>
    /// <param name="input">The value that the graph takes.</param>
    /// <param name="addLayer">Writes a layer that has taken a node's place.</param>
    /// <returns>The value that the graph gives.</returns>
    public static string Add(OnnxGraph graph, FrozenGraph imported, string input, Func<OnnxGraph, FrozenLayer, string, string> addLayer)
    {
        var names = new string?[imported.Plan.Places];
        names[imported.Plan.Input] = input;
        foreach (var step in imported.Plan.Steps)
        {
            var made = step.Operation switch
            {
                OnnxOperation node => graph.Add(node.Proto, step.Inputs.Select(Name), step.Outputs.Count),
                LayerOperation layer => [addLayer(graph, layer.Layer, Name(step.Inputs[0]))],
                var other => throw new NotSupportedException($"The ONNX writer does not know the operation {other.GetType().Name}."),
            };
            for (var i = 0; i < step.Outputs.Count; i++)
                names[step.Outputs[i]] = made[i];
        }
        return names[imported.Plan.Output]!;

        string Name(int place) => place == GraphStep.None ? "" : names[place] ??= graph.Constant(imported.Constants[place]!);
    }
}

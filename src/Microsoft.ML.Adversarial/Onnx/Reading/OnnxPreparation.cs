using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>Puts the graph of one file before that of another.</summary>
internal static class OnnxPreparation
{
    private const string Prefix = "preparation/";

    /// <param name="file">Gets the nodes of the other file, under names of their own.</param>
    /// <param name="preparation">Has one input and one output.</param>
    /// <param name="inputName">Of the file's input that takes what is prepared; null for its only one.</param>
    /// <returns>The name of the input that takes images now.</returns>
    /// <exception cref="InvalidDataException">One does not fit the other.</exception>
    public static string PutBefore(this OnnxFile file, OnnxFile preparation, string? inputName)
    {
        var taken = inputName is null ? file.Inputs is [var only] ? only : null : file.Inputs.FirstOrDefault(input => input.Name == inputName);
        if (taken is null || preparation.Inputs is not [var pixels] || preparation.Graph.Output is not [var prepared])
            throw new InvalidDataException(
                $"'{preparation.Name}' has {preparation.Inputs.Count} inputs and {preparation.Graph.Output.Count} outputs, and '{file.Name}' takes [{string.Join(", ", file.Inputs.Select(input => input.Name))}]; expected one of each, and an input for what is prepared.");
        // Each version has meanings of its own.
        if (preparation.OperatorSet != file.OperatorSet)
            throw new InvalidDataException($"'{preparation.Name}' was written for version {preparation.OperatorSet} of the operators, and '{file.Name}' for {file.OperatorSet}; expected the same.");
        foreach (var node in preparation.Graph.Node)
        {
            var copy = new NodeProto { OpType = node.OpType, Domain = node.Domain, Name = Renamed(node.Name) };
            copy.Input.AddRange(node.Input.Select(Renamed));
            copy.Output.AddRange(node.Output.Select(Renamed));
            copy.Attribute.AddRange(node.Attribute);
            file.Graph.Node.Add(copy);
        }
        foreach (var initializer in preparation.Graph.Initializer)
            initializer.Name = Renamed(initializer.Name);
        file.Take(preparation);
        file.Graph.Input.Remove(taken);
        pixels.Name = Renamed(pixels.Name);
        file.Graph.Input.Add(pixels);
        return pixels.Name;

        string Renamed(string name) => name.Length == 0 ? "" : name == prepared.Name ? taken.Name : Prefix + name;
    }
}

using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>An ONNX model as its file says it, of which nothing is believed yet.</summary>
/// <param name="Model">Has a graph.</param>
/// <param name="Numbers">What its large constants lack, as float32 whatever they are.</param>
/// <param name="Name">For messages.</param>
/// <param name="Folder">Where numbers in files of their own lie; null for none.</param>
internal sealed record OnnxFile(ModelProto Model, Dictionary<TensorProto, Tensor> Numbers, string Name, string? Folder) : IDisposable
{
    public GraphProto Graph => Model.Graph;

    /// <param name="stream">Can be sought.</param>
    /// <param name="name">For messages.</param>
    /// <param name="folder">See <see cref="Folder"/>.</param>
    /// <exception cref="InvalidDataException">This is no ONNX model.</exception>
    public static OnnxFile Read(Stream stream, string name, string? folder)
    {
        try
        {
            var (model, numbers) = OnnxParser.Parse(stream, name);
            if (model.Graph is null)
                throw new InvalidDataException($"'{name}' is no ONNX model: it has no graph.");
            return new OnnxFile(model, numbers, name, folder);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException($"'{name}' is no ONNX model and no model.zip, or was cut short: {exception.Message}", exception);
        }
    }

    /// <summary>Of ai.onnx.</summary>
    /// <exception cref="InvalidDataException">It is not one of those that are understood.</exception>
    public long OperatorSet
    {
        get
        {
            long[] versions = [.. Model.OpsetImport.Where(set => set.Domain is "" or "ai.onnx").Select(set => set.Version)];
            return versions is [>= OnnxOperators.First and <= OnnxOperators.Last]
                ? versions[0]
                : throw new InvalidDataException($"'{Name}' was written for version {(versions.Length == 0 ? "none" : string.Join(" and ", versions))} of the operators of ai.onnx; expected one from {OnnxOperators.First} to {OnnxOperators.Last}.");
        }
    }

    /// <summary>What a caller hands over: inputs that are no constants, as old files list both.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs
    {
        get
        {
            var constants = Graph.Initializer.Select(constant => constant.Name).ToHashSet(StringComparer.Ordinal);
            return [.. Graph.Input.Where(input => !constants.Contains(input.Name))];
        }
    }

    /// <summary>Takes the constants of another file, which has none then.</summary>
    public void Take(OnnxFile other)
    {
        Graph.Initializer.AddRange(other.Graph.Initializer);
        foreach (var (constant, numbers) in other.Numbers)
            Numbers.Add(constant, numbers);
        other.Numbers.Clear();
        other.Graph.Initializer.Clear();
    }

    public void Dispose()
    {
        foreach (var numbers in Numbers.Values)
            numbers.Dispose();
        Numbers.Clear();
    }
}

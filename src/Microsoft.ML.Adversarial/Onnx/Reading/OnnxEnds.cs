using System.Runtime.InteropServices;
using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>Both ends of a graph that <see cref="OnnxWriter"/> wrote: how the image comes in, and what goes out under which names.</summary>
internal sealed class OnnxEnds
{
    private const int LargestPixel = 1_000_000;

    private readonly OnnxFile file;
    private readonly OnnxTensors tensors;

    private OnnxEnds(OnnxFile file) => (this.file, tensors) = (file, new OnnxTensors(file));

    /// <param name="file">As it was written.</param>
    /// <returns>The image, the names of its pixels in [0, 1] and of the logits, and what the world outside sees.</returns>
    /// <exception cref="InvalidDataException">The ends are not as they are written.</exception>
    public static (ImageShape Image, string Pixels, string Logits, OnnxInterface Names, GraphBatch Batch) Read(OnnxFile file)
    {
        var ends = new OnnxEnds(file);
        var (image, pixels, names) = ends.ReadInput();
        var (logits, outputs) = ends.ReadOutputs(names);
        return (image, pixels, logits, outputs with { Domain = ends.ReadNote<ImageDomain>(OnnxWriter.DomainKey) }, ends.ReadNote<GraphBatch>(OnnxWriter.BatchKey) ?? GraphBatch.Free);
    }

    private (ImageShape Image, string Pixels, OnnxInterface Names) ReadInput()
    {
        if (file.Inputs is not [{ Name.Length: > 0, Type.TensorType: { ElemType: (int)TensorProto.Types.DataType.Float, Shape.Dim: { Count: 4 } sizes } } input])
            throw new InvalidDataException($"'{file.Name}' has the inputs [{string.Join(", ", file.Inputs.Select(other => other.Name))}]; expected one, float32 with four dimensions.");
        var value = input.Name;
        var isInterleaved = Follow("Transpose", ref value) is not null;
        var (minimum, span) = (0f, 1f);
        if (Follow("Sub", ref value) is { } subtraction)
            minimum = Number(subtraction);
        if (Follow("Div", ref value) is { } division)
            span = Number(division);
        if (!(span > 0 && minimum + span > minimum && minimum >= -LargestPixel && minimum + span <= LargestPixel))
            throw new InvalidDataException(FormattableString.Invariant($"'{file.Name}' has pixels from {minimum} over {span}; expected a range within {LargestPixel} that ends above its beginning."));
        long[] shape = [.. sizes.Select(size => size.DimValue)];
        var (channels, height, width) = isInterleaved ? (shape[3], shape[1], shape[2]) : (shape[1], shape[2], shape[3]);
        if (channels is < 1 or > 64 || height is < 1 or > 4096 || width is < 1 or > 4096 || shape[0] is not (0 or 1))
            throw new InvalidDataException($"'{file.Name}' takes [{string.Join(", ", shape)}]; expected one image or a batch, with 1 to 64 channels and 1 to 4096 pixels each way.");
        return (new ImageShape((int)channels, (int)height, (int)width), value, new OnnxInterface
        {
            Input = input.Name,
            IsInterleaved = isInterleaved,
            PixelMinimum = minimum,
            PixelSpan = span,
            Score = "",
            PredictedIndex = "",
            ClassNames = [],
        });
    }

    private (string Logits, OnnxInterface Names) ReadOutputs(OnnxInterface names)
    {
        var encoder = file.Graph.Node.LastOrDefault(node => node.OpType == "LabelEncoder") ?? throw Refuse("no class names", "a LabelEncoder that has them");
        var score = file.Graph.Output.FirstOrDefault(output => encoder.Name == OnnxWriter.SlotNamesOf(output.Name))?.Name ?? throw Refuse($"the class names '{encoder.Name}'", "those of an output");
        var last = Producer(score, "Identity");
        var isSingleImage = file.Graph.Node.Any(node => node.OpType == "Reshape" && node.Output.Contains(last.Input[0]));
        if (isSingleImage)
            last = Producer(last.Input[0], "Reshape");
        var logits = Producer(last.Input[0], "Softmax").Input[0];
        var index = file.Graph.Output.FirstOrDefault(output => output.Type?.TensorType?.ElemType == (int)TensorProto.Types.DataType.Int64)?.Name ?? throw Refuse("no output of the most probable class", "one of int64");
        var other = file.Graph.Output.Select(output => output.Name).FirstOrDefault(name => name != score && name != index);
        if (other is not null && Producer(other, "Identity").Input[0] != logits)
            throw Refuse($"the output '{other}'", "the logits");
        string[] classes = [.. encoder.Attribute.Where(attribute => attribute.Name == "keys_strings").SelectMany(attribute => attribute.Strings).Select(text => text.ToStringUtf8())];
        if (classes.Length < 2 || classes.Distinct(StringComparer.Ordinal).Count() != classes.Length)
            throw Refuse($"{classes.Length} class names, {classes.Distinct(StringComparer.Ordinal).Count()} of them different", "two at least, all different");
        return (logits, names with { Logits = other, IsSingleImage = isSingleImage, Score = score, PredictedIndex = index, ClassNames = classes });
    }

    private T? ReadNote<T>(string key)
        where T : struct, Enum
    {
        string[] notes = [.. file.Model.MetadataProps.Where(entry => entry.Key == key).Select(entry => entry.Value)];
        return notes switch
        {
            [] => null,
            [var note] when Enum.GetNames<T>().Contains(note) => Enum.Parse<T>(note),
            _ => throw Refuse($"the note '{key}' = '{string.Join("', '", notes)}'", string.Join(" or ", Enum.GetNames<T>())),
        };
    }

    /// <summary>The node of this kind where it is the only one that takes the value; the value is then its output.</summary>
    private NodeProto? Follow(string operation, ref string value)
    {
        var name = value;
        NodeProto[] takers = [.. file.Graph.Node.Where(node => node.Input.Contains(name))];
        if (takers is not [{ Output.Count: 1 } node] || node.OpType != operation)
            return null;
        value = node.Output[0];
        return node;
    }

    private NodeProto Producer(string value, string operation) =>
        file.Graph.Node.FirstOrDefault(node => node.Output.Contains(value)) is { Input.Count: > 0 } node && node.OpType == operation
            ? node
            : throw Refuse($"the value '{value}' of something else", $"it of a {operation}, as ExportOnnx and ml.Model.Save write it");

    private float Number(NodeProto node)
    {
        var constant = node.Input.Count == 2 ? file.Graph.Initializer.FirstOrDefault(initializer => initializer.Name == node.Input[1]) : null;
        using var number = constant is { Dims.Count: 0, DataType: (int)TensorProto.Types.DataType.Float } ? tensors.Read(constant) : throw Refuse($"a {node.OpType} of '{string.Join("' and '", node.Input)}'", "one of pixels and a number");
        return MemoryMarshal.Cast<byte, float>(number.bytes)[0];
    }

    private InvalidDataException Refuse(string what, string expected) => new($"'{file.Name}' has {what}; expected {expected}.");
}

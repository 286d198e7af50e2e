using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>Reads both ends of a graph: how the image comes in, and what goes out under which names.</summary>
internal sealed class OnnxInterfaceReader(GraphProto graph, OnnxNodes nodes, string file)
{
    private const int LargestPixel = 1_000_000;

    /// <returns>The image, the name of its pixels in [0, 1], and what is known of the interface by then.</returns>
    public (ImageShape Image, string Pixels, OnnxInterface Names) ReadInput()
    {
        if (graph.Input is not [{ Name.Length: > 0, Type.TensorType: { ElemType: (int)TensorProto.Types.DataType.Float, Shape.Dim: { Count: 4 } sizes } } input])
            throw new InvalidDataException($"'{file}' has the inputs [{string.Join(", ", graph.Input.Select(other => other.Name))}]; expected one, float32 with four dimensions.");
        var isInterleaved = nodes.IsNext("Transpose", input.Name);
        var value = input.Name;
        if (isInterleaved)
        {
            var transposed = nodes.Take("Transpose", value);
            if (!transposed.Wholes("perm").SequenceEqual([0, 3, 1, 2]))
                throw transposed.Refuse($"perm [{string.Join(", ", transposed.Wholes("perm"))}]", "[0, 3, 1, 2]");
            value = transposed.Output;
        }
        var (minimum, span) = (0f, 1f);
        if (nodes.IsNext("Sub", value))
            (minimum, value) = ReadPixelNumber("Sub", value, -LargestPixel);
        if (nodes.IsNext("Div", value))
            (span, value) = ReadPixelNumber("Div", value, float.Epsilon);
        if (!(minimum + span > minimum && minimum + span <= LargestPixel))
            throw new InvalidDataException(FormattableString.Invariant($"'{file}' has pixels from {minimum} over {span}; expected a range that ends above its beginning and at most at {LargestPixel}."));

        long[] shape = [.. sizes.Select(size => size.DimValue)];
        var (channels, height, width) = isInterleaved ? (shape[3], shape[1], shape[2]) : (shape[1], shape[2], shape[3]);
        if (channels is < 1 or > 64 || height is < 1 or > 4096 || width is < 1 or > 4096 || shape[0] is not (0 or 1))
            throw new InvalidDataException($"'{file}' takes [{string.Join(", ", shape)}]; expected one image or a batch, with 1 to 64 channels and 1 to 4096 pixels each way.");
        return (new ImageShape((int)channels, (int)height, (int)width), value, new OnnxInterface
        {
            Input = input.Name,
            IsInterleaved = isInterleaved,
            PixelMinimum = minimum,
            PixelSpan = span,
            IsSingleImage = shape[0] == 1,
            Score = "",
            PredictedIndex = "",
            ClassNames = [],
        });

        (float Number, string Output) ReadPixelNumber(string operation, string from, float lowest)
        {
            var node = nodes.Take(operation, from);
            var number = node.Scalar(1);
            return number >= lowest && number <= 2 * LargestPixel ? (number, node.Output) : throw node.Refuse(FormattableString.Invariant($"the number {number}"), FormattableString.Invariant($"{lowest} to {2 * LargestPixel}"));
        }
    }

    /// <param name="names">What the input told.</param>
    /// <param name="logits">The network's last value.</param>
    /// <param name="classCount">Of the network.</param>
    /// <returns>The whole interface but for its domain.</returns>
    public OnnxInterface ReadOutputs(OnnxInterface names, string logits, int classCount)
    {
        var probabilities = nodes.Take("Softmax", logits);
        probabilities.Whole("axis", 1, 1);
        var index = nodes.Take("ArgMax", logits);
        index.Whole("axis", 1, 1);
        index.Whole("keepdims", 0, 0);
        var logitsName = nodes.IsNext("Identity", logits) ? nodes.Take("Identity", logits).Output : null;
        var score = names.IsSingleImage ? ReadFixedShape(nodes.Take("Reshape", probabilities.Output), classCount) : probabilities.Output;
        names = names with
        {
            Logits = logitsName,
            Score = nodes.Take("Identity", score).Output,
            PredictedIndex = nodes.Take("Identity", index.Output).Output,
        };
        string[] outputs = [.. logitsName is null ? [] : new[] { logitsName }, names.Score, names.PredictedIndex];
        if (!graph.Output.Select(output => output.Name).SequenceEqual(outputs))
            throw new InvalidDataException($"'{file}' has the outputs [{string.Join(", ", graph.Output.Select(output => output.Name))}]; expected [{string.Join(", ", outputs)}].");
        return names with { ClassNames = ReadClassNames(names.Score, classCount) };
    }

    private static string ReadFixedShape(OnnxNode node, int classCount)
    {
        var sizes = node.Wholes(1, 1);
        return sizes[0] == classCount ? node.Output : throw node.Refuse($"the size {sizes[0]}", $"{classCount}, one for each class");
    }

    private IReadOnlyList<string> ReadClassNames(string score, int classCount)
    {
        var encoder = nodes.Take("LabelEncoder");
        nodes.End();
        if (encoder.Name != OnnxWriter.SlotNamesOf(score))
            throw encoder.Refuse("its name", $"'{OnnxWriter.SlotNamesOf(score)}'");
        var (names, indices) = (encoder.Texts("keys_strings"), encoder.Wholes("values_int64s"));
        if (classCount < 2 || names.Count != classCount || names.Distinct().Count() != classCount || !indices.SequenceEqual(Enumerable.Range(0, classCount).Select(index => (long)index)))
            throw encoder.Refuse($"{names.Distinct().Count()} class names and {indices.Count} indices", $"{Math.Max(2, classCount)} each, all different and in order, as the weights have it");
        return names;
    }
}

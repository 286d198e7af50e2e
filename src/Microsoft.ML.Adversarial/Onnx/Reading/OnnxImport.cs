using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>From the nodes between two values of a file to a graph that takes any number of images.</summary>
internal static class OnnxImport
{
    /// <summary>Sizes that are the same for one image and for these follow from the file alone. ONNX Runtime is asked about one, and its scores are compared with those of <see cref="OnnxSelfCheck"/>'s pairs.</summary>
    private const int MoreImages = 2;

    /// <param name="file">The file.</param>
    /// <param name="image">What the graph takes.</param>
    /// <param name="input">The value that holds images, [batch, channels, height, width].</param>
    /// <param name="output">The value that is wanted.</param>
    /// <param name="batch">How many images to take at a time.</param>
    /// <returns>The graph; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">The file is not understood: the message names the first node that is not.</exception>
    public static ImportedGraph Read(OnnxFile file, ImageShape image, string input, string output, GraphBatch batch = GraphBatch.Free)
    {
        using var noGradient = no_grad();
        using var reader = new OnnxGraphReader(file);
        var (begin, end) = reader.Read(input, output);
        if (reader.Steps.Count == 0)
            throw new InvalidDataException($"'{file.Name}' computes nothing between '{input}' and '{output}'; expected a network.");
        if (batch == GraphBatch.Freed)
            reader.FreeBatch();
        using var scope = NewDisposeScope();
        var first = Trace(1);
        // What a file for one image says of it is constant then.
        var second = batch == GraphBatch.OneByOne ? first : Trace(MoreImages);
        List<GraphStep> steps = [];
        foreach (var step in reader.Steps)
        {
            var isFolded = step.Outputs.All(place => first.Known(place) is { } known && second.Known(place) is { } other && known.shape.AsSpan().SequenceEqual(other.shape) && (ReferenceEquals(known, other) || known.Equals(other)));
            if (!isFolded)
                steps.Add(step);
            else
                foreach (var place in step.Outputs)
                    reader.Constants[place] = first.Known(place)!.clone().DetachFromDisposeScope();
        }
        steps = Needed(steps, end);
        var plan = new GraphPlan(steps, reader.Constants.Count, begin, end);
        var used = steps.SelectMany(step => step.Inputs).ToHashSet();
        if (!used.Contains(begin))
            throw new InvalidDataException($"'{file.Name}': '{output}' does not depend on '{input}'; expected scores of images.");
        if (!first.HasGradient(end))
            throw new InvalidDataException($"'{file.Name}': no gradient passes from '{output}' to '{input}': there are whole numbers, positions or conditions between them. {OnnxGraphReader.Remedy}");
        var made = steps.SelectMany(step => step.Outputs).Append(begin).ToHashSet();
        var shapes = Enumerable.Range(0, reader.Constants.Count).Select(place => reader.Constants[place] is null && made.Contains(place) ? first.Shape(place) : null).ToList();
        var constants = reader.Constants.Select((constant, place) => used.Contains(place) ? constant : null).ToArray();
        for (var place = 0; place < constants.Length; place++)
            if (constants[place] is not null)
                reader.Constants[place] = null;
        return new ImportedGraph
        {
            Plan = plan,
            Constants = constants,
            Names = reader.Names,
            Shapes = shapes,
            Image = image,
            Batch = batch,
        };

        OnnxTrace Trace(int images) => OnnxTrace.Of(reader.Steps, reader.Constants, begin, FrozenTensor.ChannelsLast(zeros(images, image.Channels, image.Height, image.Width).Plus(0.5)));
    }

    /// <summary>Steps whose results lead to the end.</summary>
    private static List<GraphStep> Needed(List<GraphStep> steps, int end)
    {
        var needed = new HashSet<int> { end };
        List<GraphStep> kept = [];
        foreach (var step in steps.AsEnumerable().Reverse().Where(step => step.Outputs.Any(needed.Contains)))
        {
            needed.UnionWith(step.Inputs);
            kept.Add(step);
        }
        kept.Reverse();
        return kept;
    }
}

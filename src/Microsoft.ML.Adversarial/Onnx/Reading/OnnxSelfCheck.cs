using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What was understood of a file against ONNX Runtime on the file itself: scores of noise and of smooth images, one by one there and together here; and gradients against differences of
/// scores, in double precision.
/// </summary>
internal sealed class OnnxSelfCheck : IDisposable
{
    private const double GradientTolerance = 1e-3;

    /// <summary>
    /// Two ways of rounding are seldom farther apart in what they leave open; 10 times was seen of a network that takes a rounding of 1e-7 to a twelfth of its scores. Where a network does not do
    /// that, ONNX Runtime is so close to exact arithmetic that 16 times is still within the tolerance.
    /// </summary>
    private const double RoundingFactor = 16;

    private const double Step = 1e-6;

    private static readonly Seed Images = new(0x0E0);

    private readonly OnnxFile file;
    private readonly OnnxRuntimeValues runtime;
    private readonly string scores;
    private readonly Tensor given;
    private Tensor? expected;

    public OnnxSelfCheck(OnnxFile file, OnnxRuntimeValues runtime, ImageShape image, PixelNormalization pixels, bool isBlueFirst, string scores)
    {
        (this.file, this.runtime, this.scores) = (file, runtime, scores);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        given = Prepare(image, pixels, isBlueFirst).DetachFromDisposeScope();
    }

    /// <summary>ONNX Runtime's scores. It is asked only about what has been understood and found to need no more memory than networks do.</summary>
    private Tensor Expected
    {
        get
        {
            using var scope = NewDisposeScope();
            return expected ??= runtime.Of(given, [scores]).GetValueOrDefault(scores)?.DetachFromDisposeScope()
                ?? throw new InvalidDataException($"'{file.Name}': ONNX Runtime's '{scores}' is none of float32 or float16; expected scores.");
        }
    }

    /// <summary>Whether ONNX Runtime's scores are from 0 to 1 and add up to 1.</summary>
    public bool AreProbabilities
    {
        get
        {
            using var scope = NewDisposeScope();
            return Expected.dim() == 2 && Expected.min().item<float>() >= 0 && Expected.sum(1).Plus(-1).abs().max().item<float>() < 1e-3;
        }
    }

    /// <param name="read">Imports the graph, for one image at a time or for many.</param>
    /// <param name="mayBeSingle">Whether the file says that it takes one image: what follows from that may be all over its sizes.</param>
    /// <param name="warnings">Gets what a user should know.</param>
    /// <returns>A graph that agrees.</returns>
    /// <exception cref="InvalidDataException">None does: the message names the first node that differs.</exception>
    public ImportedGraph Agreeing(Func<GraphBatch, ImportedGraph> read, bool mayBeSingle, List<string> warnings)
    {
        if (!mayBeSingle)
            return Checked(read(GraphBatch.Free));
        try
        {
            return Checked(read(GraphBatch.Freed));
        }
        catch (InvalidDataException)
        {
            var graph = Checked(read(GraphBatch.OneByOne));
            warnings.Add($"'{file.Name}' takes one image at a time, and its sizes say so inside as well: a batch is run image by image, which is slower. Export it with a free batch.");
            return graph;
        }
    }

    public void Dispose()
    {
        given.Dispose();
        expected?.Dispose();
    }

    private ImportedGraph Checked(ImportedGraph graph)
    {
        try
        {
            using var scope = NewDisposeScope();
            // ONNX Runtime goes first, while kernels are laid out as it takes them.
            _ = Expected;
            OnnxKernels.LayOut(file, graph);
            using var layer = new OwnedGraph(graph.Freeze(CPU));
            CheckScores(graph, layer.Graph);
            CheckGradients(layer.Graph);
            return graph;
        }
        catch (Exception exception)
        {
            graph.Dispose();
            if (OnnxTrace.IsRefusal(exception))
                throw new InvalidDataException($"'{file.Name}' does not run on {given.shape[0]} images, or its gradient does not: {exception.Message.Split('\n')[0]}. {OnnxGraphReader.Remedy}", exception);
            throw;
        }
    }

    private void CheckScores(ImportedGraph graph, FrozenGraph layer)
    {
        using var noGradient = no_grad();
        var parts = GraphParts.Of(layer);
        // In pairs, where the graph takes any number.
        var ours = cat([.. given.split(layer.Batch == GraphBatch.OneByOne ? 1 : 2).Select(images => GraphParts.Run(parts, Scores, images))]);
        if (!ours.shape.AsSpan().SequenceEqual(Expected.shape))
            throw Differ($"gives [{string.Join(", ", ours.shape)}] where ONNX Runtime gives [{string.Join(", ", Expected.shape)}]", graph);
        var difference = Difference(ours, Expected);
        if (difference <= runtime.Tolerance)
            return;
        // There are networks, sharp or badly scaled, whose scores float32 leaves open: both are about as far from exact arithmetic then. Where one side alone is far off, that is no rounding.
        var exact = ExactGraph.Scores(layer, given.to(float64));
        var (theirs, here) = (Difference(Expected.to(float64), exact), Difference(ours.to(float64), exact));
        if (!(theirs <= RoundingFactor * here && here <= RoundingFactor * theirs))
            throw Differ(FormattableString.Invariant($"gives scores that differ from ONNX Runtime's by {difference:g3} of the largest, and from those in double precision by {here:g3} where ONNX Runtime's do by {theirs:g3}"), graph);
    }

    /// <summary>
    /// Of a random sum of scores, along a random direction through all pixels of the first image: what the gradient claims against what the scores do, in double precision. The gradient is taken
    /// in float32, as attacks take it, and in double precision only where that is not enough to tell.
    /// </summary>
    private void CheckGradients(FrozenGraph layer)
    {
        using var generator = Images.For("scores").TorchGenerator();
        var sign = randn(Expected[..1].shape, float64, generator: generator);
        var image = given[..1];
        var direction = randn(image.shape, float64, generator: generator);
        // Of length 1: a longer step would cross the bends of sharp networks.
        direction.TimesInPlace(1 / direction.norm().item<double>());
        var gradient = GraphParts.Gradient(GraphParts.Of(layer), Scores, image, sign);
        var difference = Difference(layer, image, direction, sign);
        if (Claims(gradient, direction, difference, out _))
            return;
        if (!Claims(GraphParts.Gradient([layer], ExactGraph.Scores, image.to(float64), sign), direction, difference, out var claimed))
            throw new InvalidDataException(FormattableString.Invariant($"'{file.Name}': along a random direction the gradient says {claimed:g6} where scores change by {difference:g6}. {OnnxGraphReader.Remedy}"));
    }

    private static double Difference(FrozenGraph layer, Tensor image, Tensor direction, Tensor sign)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var exact = image.to(float64);
        return ScoresAt(Step).sub(ScoresAt(-Step)).mul(sign).sum().item<double>() / (2 * Step);

        Tensor ScoresAt(double step)
        {
            using var moved = exact.PlusScaled(direction, step);
            return ExactGraph.Scores(layer, moved);
        }
    }

    /// <summary>Whether the gradient claims this difference, to a small part of its largest number.</summary>
    private bool Claims(Tensor? gradient, Tensor direction, double difference, out double claimed)
    {
        using var exact = gradient?.to(float64) ?? throw new InvalidDataException($"'{file.Name}': no gradient reaches the image. {OnnxGraphReader.Remedy}");
        claimed = exact.mul(direction).sum().item<double>();
        return Math.Abs(difference - claimed) <= GradientTolerance * Math.Max(exact.abs().max().item<double>(), 1e-12);
    }

    private static Tensor Scores(FrozenGraph part, Tensor value) => part.Forward(Activations.Given(value)).Values;

    private static double Difference(Tensor value, Tensor expected) =>
        value.sub(expected).abs().max().to(float64).item<double>() / Math.Max(1e-6, expected.abs().max().to(float64).item<double>());

    /// <summary>With the first step whose value is another than ONNX Runtime's.</summary>
    private InvalidDataException Differ(string what, ImportedGraph graph)
    {
        var first = "";
        var theirs = runtime.Of(given, [.. graph.Plan.Steps.Select(step => graph.Names[step.Outputs[0]])]);
        foreach (var (step, value) in graph.Walk(given))
            if (theirs.TryGetValue(graph.Names[step.Outputs[0]], out var wanted) && (!wanted.shape.AsSpan().SequenceEqual(value.shape) || !(Difference(value.to(float32), wanted) <= runtime.Tolerance)))
            {
                first = $" The first value that differs is '{graph.Names[step.Outputs[0]]}', of {step.Operation}.";
                break;
            }
        return new InvalidDataException($"'{file.Name}' {what}.{first} {OnnxGraphReader.Remedy}");
    }

    /// <summary>Two images of noise and two of soft shades, as the graph takes them.</summary>
    private static Tensor Prepare(ImageShape image, PixelNormalization pixels, bool isBlueFirst)
    {
        using var generator = Images.For("noise").TorchGenerator();
        var noise = rand([2, image.Channels, image.Height, image.Width], generator: generator);
        var down = TensorArithmetic.Positions(image.Height, CPU).to(float32).Times(1.0 / image.Height).view(1, 1, -1, 1);
        var across = TensorArithmetic.Positions(image.Width, CPU).to(float32).Times(1.0 / image.Width).view(1, 1, 1, -1);
        var shade = down.Plus(across).Times(0.5).expand(1, image.Channels, image.Height, image.Width);
        var images = FrozenTensor.ChannelsLast(cat([noise, shade, shade.neg().Plus(1)]));
        var (scale, shift) = pixels.PerChannel(CPU);
        images = images.mul(scale).AddInPlace(shift);
        return isBlueFirst ? images.flip(1) : images;
    }

    private sealed class OwnedGraph(FrozenGraph graph) : IDisposable
    {
        public FrozenGraph Graph => graph;

        public void Dispose()
        {
            foreach (var tensor in graph.Tensors)
                tensor.Dispose();
        }
    }
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The layers of a network from the nodes between its pixels and its logits: a scale, any order of the layers that there are, global pooling and a linear layer. A value that
/// several nodes take begins as many branches; two branches of one value meet in an Add and are a residual block. Tensors lie in the current dispose scope.
/// </summary>
internal sealed class OnnxNetworkReader(OnnxNodes nodes, Device device)
{
    /// <summary>Larger than every image, and far from where sums of sizes overflow.</summary>
    private const int LargestKernel = 4096;

    /// <summary>Blocks inside blocks: more than anyone lays out, and what passes through them does not exhaust the stack.</summary>
    private const int DeepestNesting = 16;

    private static readonly string[] Operations = ["Mul", "Conv", "Reshape", "Relu", "MaxPool", "Add", "GlobalAveragePool"];

    /// <summary>By the name of the value that a branch has come to.</summary>
    private readonly Dictionary<string, Branch> branches = new(StringComparer.Ordinal);

    /// <summary>Branches of a value that have not met yet.</summary>
    private readonly Dictionary<string, int> apart = new(StringComparer.Ordinal);

    /// <param name="image">What the network takes.</param>
    /// <param name="value">The pixels' name.</param>
    /// <returns>The network, and its logits' name.</returns>
    public (FrozenNetwork Network, string Logits) Read(ImageShape image, string value)
    {
        branches[value] = new Branch("", [], new Size(image.Channels, image.Height, image.Width), 0);
        var pixels = nodes.Take("Mul", value);
        var trunk = branches[value];
        Extend(value, ReadScale(pixels, trunk.Size));
        OnnxNode node;
        while ((node = nodes.TakeAny(Operations, branches.ContainsKey)).Operation != "GlobalAveragePool")
        {
            if (node.Operation == "Add")
                Join(node);
            else
                Extend(node.Inputs[0], ReadLayer(node, branches[node.Inputs[0]].Size));
        }
        trunk = From(node.Inputs[0]);
        if (trunk.Origin.Length > 0)
            throw node.Refuse($"a value that branches from '{trunk.Origin}'", "one in which all branches have met");
        var features = nodes.Take("Flatten", node.Output).Output;
        trunk.Layers.Add(new FrozenGlobalPool());
        var linear = nodes.Take("Gemm", features);
        linear.Whole("transB", 1, 1);
        var weight = linear.Tensor(1, -1, trunk.Size.Channels);
        var classes = weight.shape[0];
        trunk.Layers.Add(new FrozenLinear(Place(weight), Place(linear.Tensor(2, classes))));
        return (new FrozenNetwork(trunk.Layers, image, (int)classes), linear.Output);
    }

    private Result ReadLayer(OnnxNode node, Size size) => node.Operation switch
    {
        "Mul" => ReadScale(node, size),
        "Conv" => ReadConvolution(node, size),
        "Reshape" => ReadGroupNormalization(node, size),
        "Relu" => new Result(node.Output, new FrozenRelu(), size),
        _ => ReadMaxPool(node, size),
    };

    /// <summary>Where a value's branch goes on: a value that several nodes take begins a new one for each.</summary>
    private Branch From(string value)
    {
        apart.TryAdd(value, nodes.Uses(value));
        return apart[value] > 1 ? branches[value] with { Origin = value, Layers = [], Nesting = 0 } : branches[value];
    }

    private void Extend(string value, Result layer)
    {
        var branch = From(value);
        branch.Layers.Add(layer.Layer);
        branches[layer.Output] = branch with { Size = layer.Size };
    }

    /// <summary>Two branches of one value become a layer of the branch that this value lies on.</summary>
    private void Join(OnnxNode node)
    {
        if (!branches.ContainsKey(node.Inputs[1]))
            throw node.Refuse($"the input '{node.Inputs[1]}'", "two values that nodes before it compute");
        var (main, shortcut) = (From(node.Inputs[0]), From(node.Inputs[1]));
        if (main.Origin.Length == 0 || main.Origin != shortcut.Origin || main.Layers.Count + shortcut.Layers.Count == 0)
            throw node.Refuse($"summands that branch from '{main.Origin}' and '{shortcut.Origin}'", "two branches of one value");
        if (main.Size != shortcut.Size)
            throw node.Refuse($"summands of [{main.Size}] and [{shortcut.Size}]", "the same size");
        var nesting = 1 + Math.Max(main.Nesting, shortcut.Nesting);
        if (nesting > DeepestNesting)
            throw node.Refuse($"{nesting} residual blocks inside each other", $"at most {DeepestNesting}");
        apart[main.Origin]--;
        var outer = From(main.Origin);
        outer.Layers.Add(new FrozenResidual(main.Layers, shortcut.Layers));
        branches[node.Output] = outer with { Size = main.Size, Nesting = Math.Max(outer.Nesting, nesting) };
    }

    private Result ReadScale(OnnxNode scale, Size size)
    {
        var shift = nodes.Take("Add", scale.Output);
        return new Result(
            shift.Output,
            scale.HasScalar(1)
                ? new FrozenScale(scale.Scalar(1), shift.Scalar(1))
                : new FrozenChannelScale(Place(scale.Tensor(1, 1, size.Channels, 1, 1)), Place(shift.Tensor(1, 1, size.Channels, 1, 1))),
            size);
    }

    private Result ReadConvolution(OnnxNode node, Size size)
    {
        var (kernel, stride, padding) = ReadWindow(node);
        var weight = node.Tensor(1, -1, size.Channels, kernel, kernel);
        var outputs = (int)weight.shape[0];
        var bias = node.Inputs.Count > 2 ? Place(node.Tensor(2, outputs)) : null;
        return new Result(node.Output, new FrozenConvolution(FrozenTensor.ChannelsLast(Place(weight)), bias, stride, padding), Windowed(size, node, kernel, stride, padding) with { Channels = outputs });
    }

    private Result ReadGroupNormalization(OnnxNode grouped, Size size)
    {
        var sizes = grouped.Wholes(1, 3);
        if (sizes is not [0, > 0, -1] || sizes[1] > size.Channels || size.Channels % sizes[1] != 0)
            throw grouped.Refuse($"the sizes [{string.Join(", ", sizes)}]", $"[0, groups, -1] with groups that divide the {size.Channels} channels");
        var groups = (int)sizes[1];
        var normalized = nodes.Take("InstanceNormalization", grouped.Output);
        if (normalized.Reals(1, groups).Any(scale => scale != 1) || normalized.Reals(2, groups).Any(shift => shift != 0))
            throw normalized.Refuse("a scale or shift of its own", "ones and zeros; the channels' own follow");
        var epsilon = normalized.Real("epsilon", 1e-12f, 1);
        var shape = nodes.Take("Shape", grouped.Inputs[0]);
        var scaled = nodes.Take("Mul", nodes.Take("Reshape", normalized.Output, shape.Output).Output);
        var shifted = nodes.Take("Add", scaled.Output);
        var (scale, shift) = (Place(scaled.Tensor(1, size.Channels, 1, 1)).view(-1), Place(shifted.Tensor(1, size.Channels, 1, 1)).view(-1));
        return new Result(shifted.Output, new FrozenGroupNormalization(scale, shift, groups, epsilon), size);
    }

    private static Result ReadMaxPool(OnnxNode node, Size size)
    {
        var (kernel, stride, padding) = ReadWindow(node);
        return new Result(node.Output, new FrozenMaxPool(kernel, stride, padding), Windowed(size, node, kernel, stride, padding));
    }

    private static (int Kernel, int Stride, int Padding) ReadWindow(OnnxNode node)
    {
        var kernel = node.Same("kernel_shape", 2, 1, LargestKernel);
        // torch wants no more padding than half a window where it takes maxima.
        return (kernel, node.Same("strides", 2, 1, LargestKernel), node.Same("pads", 4, 0, kernel / 2));
    }

    private static Size Windowed(Size size, OnnxNode node, int kernel, int stride, int padding)
    {
        var (height, width) = (size.Height + 2 * padding - kernel, size.Width + 2 * padding - kernel);
        if (height < 0 || width < 0)
            throw node.Refuse($"a window of {kernel} x {kernel} on activations of [{size}]", "one that fits");
        return size with { Height = height / stride + 1, Width = width / stride + 1 };
    }

    private Tensor Place(Tensor tensor) => tensor.to(device);

    /// <summary>Layers behind the value <paramref name="Origin"/>, or behind the pixels where that is empty.</summary>
    private readonly record struct Branch(string Origin, List<FrozenLayer> Layers, Size Size, int Nesting);

    private readonly record struct Result(string Output, FrozenLayer Layer, Size Size);

    /// <summary>Of one image's activations.</summary>
    private readonly record struct Size(int Channels, int Height, int Width)
    {
        public override string ToString() => $"{Channels}, {Height}, {Width}";
    }
}

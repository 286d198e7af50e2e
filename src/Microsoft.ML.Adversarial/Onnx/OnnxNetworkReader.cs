using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The layers of a network from the nodes between its pixels and its logits: a scale, a convolution, perhaps max pooling, residual blocks, global pooling and a
/// linear layer. Nothing else is read, because not every order of layers may overwrite its activations as <see cref="FrozenLayer"/> does. Tensors lie in the current dispose scope.
/// </summary>
internal sealed class OnnxNetworkReader(OnnxNodes nodes, Device device)
{
    /// <summary>Larger than every image, and far from where sums of sizes overflow.</summary>
    private const int LargestKernel = 4096;

    /// <param name="image">What the network takes.</param>
    /// <param name="value">The pixels' name.</param>
    /// <returns>The network, and its logits' name.</returns>
    public (FrozenNetwork Network, string Logits) Read(ImageShape image, string value)
    {
        var layers = new List<FrozenLayer>();
        var x = ReadScale(new Value(value, image.Channels, image.Height, image.Width), layers);
        x = ReadRelu(ReadConvolution(x, layers), layers);
        if (nodes.IsNext("MaxPool", x.Name))
            x = ReadMaxPool(x, layers);
        while (nodes.IsNext("Conv", x.Name))
            x = ReadResidual(x, layers);

        var features = nodes.Take("Flatten", nodes.Take("GlobalAveragePool", x.Name).Output).Output;
        layers.Add(new FrozenGlobalPool());
        var linear = nodes.Take("Gemm", features);
        linear.Whole("transB", 1, 1);
        var weight = linear.Tensor(1, -1, x.Channels);
        var classes = weight.shape[0];
        layers.Add(new FrozenLinear(Place(weight), Place(linear.Tensor(2, classes))));
        return (new FrozenNetwork(layers, image, (int)classes), linear.Output);
    }

    private Value ReadScale(Value x, List<FrozenLayer> layers)
    {
        var scale = nodes.Take("Mul", x.Name);
        var shift = nodes.Take("Add", scale.Output);
        layers.Add(scale.HasScalar(1)
            ? new FrozenScale(scale.Scalar(1), shift.Scalar(1))
            : new FrozenChannelScale(Place(scale.Tensor(1, 1, x.Channels, 1, 1)), Place(shift.Tensor(1, 1, x.Channels, 1, 1))));
        return x with { Name = shift.Output };
    }

    /// <summary>A convolution and, where it could not be folded in, the normalisation behind it.</summary>
    private Value ReadConvolution(Value x, List<FrozenLayer> layers)
    {
        var node = nodes.Take("Conv", x.Name);
        var (kernel, stride, padding) = ReadWindow(node);
        var weight = node.Tensor(1, -1, x.Channels, kernel, kernel);
        var outputs = (int)weight.shape[0];
        var bias = node.Inputs.Count > 2 ? Place(node.Tensor(2, outputs)) : null;
        layers.Add(new FrozenConvolution(FrozenTensor.ChannelsLast(Place(weight)), bias, stride, padding));
        var convolved = Windowed(x, node, kernel, stride, padding) with { Channels = outputs };
        return nodes.IsNext("Reshape", convolved.Name) ? ReadGroupNormalization(convolved, layers) : convolved;
    }

    private Value ReadGroupNormalization(Value x, List<FrozenLayer> layers)
    {
        var grouped = nodes.Take("Reshape", x.Name);
        var sizes = grouped.Wholes(1, 3);
        if (sizes is not [0, > 0, -1] || sizes[1] > x.Channels || x.Channels % sizes[1] != 0)
            throw grouped.Refuse($"the sizes [{string.Join(", ", sizes)}]", $"[0, groups, -1] with groups that divide the {x.Channels} channels");
        var groups = (int)sizes[1];
        var normalized = nodes.Take("InstanceNormalization", grouped.Output);
        if (normalized.Reals(1, groups).Any(scale => scale != 1) || normalized.Reals(2, groups).Any(shift => shift != 0))
            throw normalized.Refuse("a scale or shift of its own", "ones and zeros; the channels' own follow");
        var epsilon = normalized.Real("epsilon", 1e-12f, 1);
        var shape = nodes.Take("Shape", x.Name);
        var scaled = nodes.Take("Mul", nodes.Take("Reshape", normalized.Output, shape.Output).Output);
        var shifted = nodes.Take("Add", scaled.Output);
        var (scale, shift) = (Place(scaled.Tensor(1, x.Channels, 1, 1)).view(-1), Place(shifted.Tensor(1, x.Channels, 1, 1)).view(-1));
        layers.Add(new FrozenGroupNormalization(scale, shift, groups, epsilon));
        return x with { Name = shifted.Output };
    }

    private Value ReadRelu(Value x, List<FrozenLayer> layers)
    {
        layers.Add(new FrozenRelu());
        return x with { Name = nodes.Take("Relu", x.Name).Output };
    }

    private Value ReadMaxPool(Value x, List<FrozenLayer> layers)
    {
        var node = nodes.Take("MaxPool", x.Name);
        var (kernel, stride, padding) = ReadWindow(node);
        layers.Add(new FrozenMaxPool(kernel, stride, padding));
        return Windowed(x, node, kernel, stride, padding);
    }

    private Value ReadResidual(Value x, List<FrozenLayer> layers)
    {
        List<FrozenLayer> main = [], shortcut = [];
        var y = ReadConvolution(x, main);
        while (nodes.IsNext("Relu", y.Name))
            y = ReadConvolution(ReadRelu(y, main), main);
        var passed = nodes.IsNext("Conv", x.Name) ? ReadConvolution(x, shortcut) : x;
        var sum = nodes.Take("Add", y.Name, passed.Name);
        if (y with { Name = "" } != passed with { Name = "" })
            throw sum.Refuse($"summands of [{y.Size}] and [{passed.Size}]", "the same size");
        layers.Add(new FrozenResidual(main, shortcut));
        return ReadRelu(y with { Name = sum.Output }, layers);
    }

    private static (int Kernel, int Stride, int Padding) ReadWindow(OnnxNode node)
    {
        var kernel = node.Same("kernel_shape", 2, 1, LargestKernel);
        // torch wants no more padding than half a window where it takes maxima.
        return (kernel, node.Same("strides", 2, 1, LargestKernel), node.Same("pads", 4, 0, kernel / 2));
    }

    private static Value Windowed(Value x, OnnxNode node, int kernel, int stride, int padding)
    {
        var (height, width) = (x.Height + 2 * padding - kernel, x.Width + 2 * padding - kernel);
        if (height < 0 || width < 0)
            throw node.Refuse($"a window of {kernel} x {kernel} on activations of [{x.Size}]", "one that fits");
        return x with { Name = node.Output, Height = height / stride + 1, Width = width / stride + 1 };
    }

    private Tensor Place(Tensor tensor) => tensor.to(device);

    /// <summary>A value [batch, channels, height, width] of the graph.</summary>
    private readonly record struct Value(string Name, int Channels, int Height, int Width)
    {
        public string Size => $"{Channels}, {Height}, {Width}";
    }
}

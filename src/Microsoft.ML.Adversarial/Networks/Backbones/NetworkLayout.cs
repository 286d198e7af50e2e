using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What a <see cref="Backbone"/> lays its layers out with, one behind the other. Pixels are normalised before the first layer, as the options say. A layer's name is that of its
/// weights (<c>conv1</c> holds <c>conv1.weight</c>), so names are a file format.
/// </summary>
public sealed class NetworkLayout
{
    private const int LargestSize = 65_536;

    private readonly NetworkArchitecture architecture;
    private readonly Device device;
    private readonly Action<string, NetworkLayer> add;
    private readonly bool isBranch;
    private readonly string prefix;
    private readonly List<NetworkLayer> layers = [];

    internal NetworkLayout(NetworkArchitecture architecture, Device device, Action<string, NetworkLayer> add)
    {
        (this.architecture, this.device, this.add, prefix) = (architecture, device, add, "");
        (Channels, Height, Width) = (Image.Channels, Image.Height, Image.Width);
        architecture.Pixels.CheckFits(Channels);
        Add("", new PixelLayer(architecture.Pixels, device));
    }

    private NetworkLayout(NetworkLayout outer, string block)
    {
        (architecture, device, add, isBranch, prefix) = (outer.architecture, outer.device, outer.add, true, block + ".");
        (Channels, Height, Width) = (outer.Channels, outer.Height, outer.Width);
    }

    /// <summary>What the network takes.</summary>
    public ImageShape Image => architecture.Image;

    /// <summary>Classes told apart.</summary>
    public int ClassCount => architecture.ClassCount;

    /// <summary>Channels that the next layer gets.</summary>
    public int Channels { get; private set; }

    /// <summary>Rows of each channel that the next layer gets.</summary>
    public int Height { get; private set; }

    /// <summary>Columns of each channel that the next layer gets.</summary>
    public int Width { get; private set; }

    internal IReadOnlyList<NetworkLayer> Layers => layers;

    /// <summary>The name of the classifying layer, with which a network ends; null so far.</summary>
    internal string? ClassifierName { get; private set; }

    /// <summary>A square convolution without bias, padded so that it keeps the image size up to its stride. It starts by He's initialisation.</summary>
    /// <param name="name">Of its weights.</param>
    /// <param name="outputs">Channels that it makes; from 1 to 65 536.</param>
    /// <param name="kernel">Pixels each way: an odd number up to 31.</param>
    /// <param name="stride">Of how many pixels it looks at one, each way; from 1 to 16.</param>
    /// <param name="padsAtEnd">
    /// False: half a kernel of zeros at every side. True: as few zeros as the stride needs, and where they cannot be halved more of them below and at the right, as TensorFlow and JAX pad
    /// (SAME); it differs where the stride is above 1.
    /// </param>
    /// <returns>This layout.</returns>
    /// <exception cref="ArgumentException">A number is outside its range, the name is taken, or there can be no convolution here.</exception>
    public NetworkLayout Convolution(string name, int outputs, int kernel, int stride = 1, bool padsAtEnd = false)
    {
        CheckIsImage(nameof(Convolution));
        Require.InRange(outputs, 1, LargestSize, nameof(outputs));
        Require.InRange(stride, 1, 16, nameof(stride));
        if (Require.InRange(kernel, 1, 31, nameof(kernel)) % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(kernel), $"kernel must be an odd number, so that the convolution '{prefix}{name}' has a middle; it is {kernel}.");
        var (inputs, padding) = (Channels, kernel / 2);
        if (padsAtEnd && Borders.AtEnd(Height, Width, kernel, stride) is var borders && borders != Borders.Even(padding))
        {
            Add("", new PaddingLayer(borders));
            padding = 0;
        }
        (Channels, Height, Width) = (outputs, (Height - 1) / stride + 1, (Width - 1) / stride + 1);
        return Add(name, new ConvolutionLayer(inputs, outputs, kernel, stride, padding, (long)Height * Width, device));
    }

    /// <summary>The normalisation that the options choose.</summary>
    /// <param name="name">Of its weights and statistics.</param>
    /// <returns>This layout.</returns>
    /// <exception cref="ArgumentException">So many channels cannot be normalised, the name is taken, or there can be no normalisation here.</exception>
    public NetworkLayout Normalization(string name)
    {
        CheckIsImage(nameof(Normalization));
        architecture.Normalization.CheckFits(Channels);
        return Add(name, architecture.Normalization.CreateLayer(Channels, device));
    }

    /// <summary>Each number by itself through a function, such as max(x, 0).</summary>
    /// <param name="activation">Which.</param>
    /// <returns>This layout.</returns>
    /// <exception cref="ArgumentException">There is no such function, or there can be none here.</exception>
    public NetworkLayout Activation(Activation activation)
    {
        CheckIsImage(nameof(Activation));
        return Add("", new ActivationLayer(Require.Defined(activation, nameof(activation))));
    }

    /// <summary>The largest value in each square window.</summary>
    /// <param name="kernel">The window, in pixels each way; from 1 to 31, and no larger than the padded image.</param>
    /// <param name="stride">From window to window; from 1 to 16.</param>
    /// <param name="padding">Pixels added at each side; from 0 to half a window.</param>
    /// <returns>This layout.</returns>
    /// <exception cref="ArgumentException">A number is outside its range, or there can be no pooling here.</exception>
    public NetworkLayout MaxPool(int kernel, int stride, int padding = 0)
    {
        CheckIsImage(nameof(MaxPool));
        Require.InRange(padding, 0, kernel / 2, nameof(padding));
        Require.InRange(kernel, 1, Math.Min(31, Math.Min(Height, Width) + 2 * padding), nameof(kernel));
        Require.InRange(stride, 1, 16, nameof(stride));
        (Height, Width) = ((Height + 2 * padding - kernel) / stride + 1, (Width + 2 * padding - kernel) / stride + 1);
        return Add("", new MaxPoolLayer(kernel, stride, padding));
    }

    /// <summary>main(x) + shortcut(x). Where the main branch ends with a normalisation, that one's scale starts at zero, so that a network of any depth starts as its shortcuts; where it ends with a convolution and the options normalise nothing, that one's weights.</summary>
    /// <param name="name">Goes before the names inside, with a dot.</param>
    /// <param name="main">Lays out the main branch: one layer at least.</param>
    /// <param name="shortcut">Lays out the other branch; null, or no layer, for the identity.</param>
    /// <returns>This layout.</returns>
    /// <exception cref="ArgumentException">The branches end with different sizes, or the main one has no layer.</exception>
    public NetworkLayout Residual(string name, Action<NetworkLayout> main, Action<NetworkLayout>? shortcut = null)
    {
        CheckIsImage(nameof(Residual));
        var block = prefix + Require.NotEmpty(name, nameof(name));
        var (first, second) = (new NetworkLayout(this, block), new NetworkLayout(this, block));
        Require.NotNull(main, nameof(main))(first);
        shortcut?.Invoke(second);
        if (first.layers.Count == 0)
            throw new ArgumentException($"The main branch of '{block}' has no layer; expected one at least.", nameof(main));
        if (first.Size != second.Size)
            throw new ArgumentException($"The branches of '{block}' end with {first.Size} and {second.Size} (channels x height x width); expected the same size.", nameof(shortcut));
        (Channels, Height, Width) = (first.Channels, first.Height, first.Width);
        return Add("", new ResidualLayer(block, first.layers, second.layers));
    }

    /// <summary>The mean of each channel.</summary>
    /// <returns>This layout.</returns>
    public NetworkLayout GlobalAveragePool()
    {
        CheckIsImage(nameof(GlobalAveragePool));
        CheckIsOutside(nameof(GlobalAveragePool));
        (Height, Width) = (0, 0);
        return Add("", new GlobalPoolLayer());
    }

    /// <summary>The score of each class, linear in the channels' means: every network's last layer. It starts at N(0, 0.01).</summary>
    /// <param name="name">Of its weights.</param>
    /// <returns>This layout.</returns>
    /// <exception cref="ArgumentException">The name is taken, or no global pooling comes before.</exception>
    public NetworkLayout Classifier(string name)
    {
        CheckIsOutside(nameof(Classifier));
        if (layers[^1] is not GlobalPoolLayer)
            throw new ArgumentException($"{architecture.Backbone} lays out a Classifier behind something else than a GlobalAveragePool; expected one right before it.");
        ClassifierName = Require.NotEmpty(name, nameof(name));
        return Add(name, new LinearLayer(Channels, ClassCount, device));
    }

    /// <summary>A whole network from elsewhere, and behind it, where it gives no scores of these classes, a pooling and a classifying layer that starts anew.</summary>
    /// <param name="graph">Not changed; lives as long as the network.</param>
    /// <param name="isBlueFirst">Whether it takes the channels in reverse order.</param>
    /// <param name="classifier">The name of the last layer: the graph's own, or that of the new one.</param>
    internal void Imported(ImportedGraph graph, bool isBlueFirst, string classifier)
    {
        if (graph.Image != Image)
            throw new ArgumentException($"{architecture.Backbone} takes images of {graph.Image}, and the data has {Image}; expected images that are resized to what it takes.");
        if (isBlueFirst)
            Add("", new ChannelFlipLayer());
        Add("", new GraphLayer(graph, architecture.Normalization, device));
        ClassifierName = classifier;
        if (graph.OutputShape is [var scores] && scores == ClassCount)
            return;
        (Channels, Height, Width) = ((int)graph.OutputShape[0], 0, 0);
        if (graph.OutputShape.Length == 3)
            Add("", new GlobalPoolLayer());
        Add(classifier, new LinearLayer(Channels, ClassCount, device));
    }

    private string Size => FormattableString.Invariant($"{Channels} x {Height} x {Width}");

    private NetworkLayout Add(string name, NetworkLayer layer)
    {
        add(name.Length == 0 ? "" : prefix + name, layer);
        layers.Add(layer);
        return this;
    }

    private void CheckIsImage(string layer)
    {
        if (Height == 0)
            throw new ArgumentException($"{architecture.Backbone} lays out a {layer} behind the GlobalAveragePool; expected the Classifier, and nothing behind that.");
    }

    private void CheckIsOutside(string layer)
    {
        if (isBranch)
            throw new ArgumentException($"{architecture.Backbone} lays out a {layer} inside a residual block; expected it behind all blocks.");
    }
}

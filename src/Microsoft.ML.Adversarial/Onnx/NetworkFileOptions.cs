namespace Microsoft.ML.Adversarial;

/// <summary>
/// What an ONNX file that comes from elsewhere, or a pipeline with one, does not say itself: which of its values is the image, on which scale, and what its classes are called. A file of this
/// library says all of that; stating it there is an error.
/// </summary>
/// <example>
/// <code>
/// using var shipped = ml.Adversarial().LoadNetwork("classifier.onnx", new NetworkFileOptions
/// {
///     OutputName = "Logits",
///     PixelNormalization = PixelNormalization.GreyLevels,
///     ClassNames = File.ReadAllLines("classes.txt"),
/// });
/// </code>
/// </example>
public sealed record NetworkFileOptions : Described
{
    /// <summary>The features column of the data: vectors of pixels, in the order in which the network takes them (<see cref="PixelLayout"/>).</summary>
    /// <value>Default <c>Features</c>.</value>
    public string FeatureColumnName { get; init => field = Require.NotEmpty(value); } = "Features";

    /// <summary>The label column of the data to evaluate on, a key whose values are the model's classes in their order.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; init => field = Require.NotEmpty(value); } = "Label";

    /// <summary>The name of the graph's input that takes images.</summary>
    /// <value>Default null: the only one.</value>
    public string? InputName { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>The name of the value that holds the scores of the classes: an output, or any value inside the graph.</summary>
    /// <value>Default null: the only output.</value>
    public string? OutputName { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>The order in which the network takes an image's numbers: planar is [batch, channels, height, width], as PyTorch writes it, interleaved [batch, height, width, channels], as Keras does.</summary>
    /// <value>Default null: read off the input's shape, where 1, 3 or 4 channels stand first or last.</value>
    public PixelLayout? PixelLayout { get; init => field = value is { } layout ? Require.Defined(layout) : null; }

    /// <summary>The size of the images.</summary>
    /// <value>Default null: read off the input's shape. Must be stated where that leaves a size free.</value>
    public ImageShape? ImageShape { get; init; }

    /// <summary>The values of black and of full brightness in the features column.</summary>
    /// <value>Default <see cref="PixelRange.GreyLevels"/>, 0 to 255, as <c>ExtractPixels</c> delivers pixels. What the network itself takes is <see cref="PixelNormalization"/>.</value>
    public PixelRange PixelRange { get; init => field = Require.NotNull(value); } = PixelRange.GreyLevels;

    /// <summary>How the network takes pixels, black being 0 and full brightness 1: (pixel - mean)/deviation of each channel.</summary>
    /// <value>
    /// Default null: as they are, from 0 to 1. torchvision's networks take <see cref="PixelNormalization.ImageNet"/>; a network that takes 0 to 255, <see cref="PixelNormalization.GreyLevels"/>;
    /// -1 to 1, <see cref="PixelNormalization.SymmetricRange"/>.
    /// </value>
    public PixelNormalization? PixelNormalization { get; init; }

    /// <summary>Whether the network takes blue first, as networks that were trained with Caffe or OpenCV do; the features column holds red first. Mean and deviation are in the column's order.</summary>
    /// <value>Default false.</value>
    public bool IsBlueFirst { get; init; }

    /// <summary>The classes in the order of the scores.</summary>
    /// <value>Default null: 0, 1, 2, ... .</value>
    public IReadOnlyList<string>? ClassNames { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>An ONNX file that makes of pixels what the network takes, such as the packages of <c>Microsoft.ML.DnnImageFeaturizer</c> ship beside theirs; its one output is the network's input.</summary>
    /// <value>Default null: none. <see cref="InputName"/> is then the network's, the input that takes images the other file's.</value>
    public string? PreparationPath { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>Whether to read a file of this library that is no longer as it was written as one from elsewhere: a tool may have rewritten it on purpose.</summary>
    /// <value>Default false: it is refused as damaged.</value>
    public bool ReadsChangedFiles { get; init; }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("input", InputName);
        identity.Add("output", OutputName);
        identity.Add("pixel layout", PixelLayout);
        identity.Add("image shape", ImageShape?.ToString());
        identity.Add("pixel normalization", PixelNormalization);
        identity.Add("blue first", IsBlueFirst);
        identity.Add("preparation", PreparationPath is null ? null : Path.GetFileName(PreparationPath));
    }

    /// <exception cref="ArgumentException">Something is stated that the trainer's options say.</exception>
    internal void CheckStatesNoColumns()
    {
        var usual = new NetworkFileOptions();
        if ((FeatureColumnName, LabelColumnName, PixelRange, ClassNames) != (usual.FeatureColumnName, usual.LabelColumnName, usual.PixelRange, null))
            throw new ArgumentException("The options state a column, a pixel range or class names, which a backbone has not; expected them in the trainer's options, or in the data.");
    }

    /// <exception cref="ArgumentException">Something is stated that a file of this library says itself.</exception>
    internal void CheckStatesNothing(string path)
    {
        var usual = new NetworkFileOptions { LabelColumnName = LabelColumnName, ReadsChangedFiles = ReadsChangedFiles };
        if (this != usual)
            throw new ArgumentException($"'{path}' was written by this library and says itself what its input and its classes are, and the options state it; expected LabelColumnName alone.");
    }
}

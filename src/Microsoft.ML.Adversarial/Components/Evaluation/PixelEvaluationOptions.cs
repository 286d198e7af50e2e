using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Adversarial;

/// <summary>How a model is evaluated that does not say itself which columns it takes: where the images and the labels are, and how a column holds an image.</summary>
public abstract record PixelEvaluationOptions : EvaluationOptions
{
    private protected PixelEvaluationOptions()
    {
    }

    /// <summary>
    /// What is attacked, as the data hold it or, with <c>EvaluateBlackBox</c>, as the first stage that makes it leaves it: a vector of pixels, or a column of <see cref="MLImage"/>, opaque and
    /// all of one size. Images hold whole grey levels: what counts and is measured is the attacked image with each pixel rounded towards the clean one, and so no farther from it.
    /// </summary>
    /// <value>Default <c>Features</c>.</value>
    public string FeatureColumnName { get; init => field = Require.NotEmpty(value); } = "Features";

    /// <summary>The key-typed label, in the data or, with <c>EvaluateBlackBox</c>, made by a stage before the scores.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; init => field = Require.NotEmpty(value); } = "Label";

    /// <summary>The size of the images. One channel in a column of <see cref="MLImage"/> says that they are grey, and moves the three colours of a pixel together.</summary>
    /// <value>Default null: read off the column's type. Must be stated where that type is a flat vector or images of any size, as <c>LoadImages</c> makes them.</value>
    public ImageShape? ImageShape { get; init; }

    /// <summary>The order of the numbers in the vector; not to be stated where images are attacked.</summary>
    /// <value>Default null: read off the column's type; planar where that type is a flat vector.</value>
    public PixelLayout? PixelLayout { get; init => field = value is { } layout ? Require.Defined(layout) : null; }

    /// <summary>The values of black and of full brightness in the vector. A value outside is refused with its row. Images hold grey levels.</summary>
    /// <value>Default <see cref="PixelRange.GreyLevels"/>, 0 to 255.</value>
    public PixelRange PixelRange { get; init => field = Require.NotNull(value); } = PixelRange.GreyLevels;

    internal ImageColumns Columns => new(FeatureColumnName, LabelColumnName) { MayBeImages = true };

    /// <summary>How the column holds images; what says how a vector holds pixels must not be stated of images, where it would be ignored.</summary>
    /// <exception cref="ArgumentException">The column holds no images of one known size, or not the stated ones.</exception>
    internal ImageFormat FormatOf(DataViewSchema.Column column) => column.Type is ImageDataViewType && (PixelLayout is not null || PixelRange != PixelRange.GreyLevels)
        ? throw new ArgumentException($"Column '{column.Name}' holds images, in grey levels and an order of their own, and the options state {(PixelLayout is { } layout ? $"PixelLayout {layout}" : $"PixelRange {PixelRange}")}; expected neither PixelLayout nor PixelRange.")
        : ImageFormat.Of(column, ImageShape, PixelLayout, PixelRange);
}

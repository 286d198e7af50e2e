
namespace Microsoft.ML.Adversarial;

/// <summary>How <c>EvaluateBlackBox</c> runs: where in the model's pipeline the pixels and the scores are.</summary>
public sealed record BlackBoxEvaluationOptions : EvaluationOptions
{
    /// <summary>
    /// What is attacked, as the data hold it or as the first stage that makes it leaves it: a vector of pixels, or a column of <see cref="Microsoft.ML.Data.MLImage"/>, opaque and all of
    /// one size. Images hold whole grey levels: what counts and is measured is the attacked image with each pixel rounded towards the clean one, and so no farther from it.
    /// </summary>
    /// <value>Default <c>Features</c>.</value>
    public string FeatureColumnName { get; init => field = Require.NotEmpty(value); } = "Features";

    /// <summary>The key-typed label, in the data or made by a stage before the scores.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; init => field = Require.NotEmpty(value); } = "Label";

    /// <summary>The vector of Single with a score for each class, in the order of the label's key values.</summary>
    /// <value>Default <c>Score</c>.</value>
    public string ScoreColumnName { get; init => field = Require.NotEmpty(value); } = "Score";

    /// <summary>The size of the images. One channel in a column of <see cref="Microsoft.ML.Data.MLImage"/> says that they are grey, and moves the three colours of a pixel together.</summary>
    /// <value>Default null: read off the column's type. Must be stated where that type is a flat vector or images of any size, as <c>LoadImages</c> makes them.</value>
    public ImageShape? ImageShape { get; init; }

    /// <summary>The order of the numbers in the vector; not to be stated where images are attacked.</summary>
    /// <value>Default null: read off the column's type; planar where that type is a flat vector.</value>
    public PixelLayout? PixelLayout { get; init => field = value is { } layout ? Require.Defined(layout) : null; }

    /// <summary>The values of black and of full brightness in the vector. A value outside is refused with its row. Images hold grey levels.</summary>
    /// <value>Default <see cref="PixelRange.GreyLevels"/>, 0 to 255.</value>
    public PixelRange PixelRange { get; init => field = Require.NotNull(value); } = PixelRange.GreyLevels;
}

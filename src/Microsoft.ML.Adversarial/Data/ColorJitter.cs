
namespace Microsoft.ML.Adversarial;

/// <summary>
/// Random changes of brightness, contrast and saturation, as the ImageNet recipe of fb.resnet.torch makes them (Gross and Wilber 2016,
/// datasets/transforms.lua), there in random order: without clamping in between they commute, so there is no order to state. What then lies outside [0, 1] is
/// clamped.
/// </summary>
/// <remarks>
/// The grey of a pixel is 0.299 red + 0.587 green + 0.114 blue, which are the three channels in this order, as <c>ExtractPixels</c> makes them by default. Where an
/// image has another number of channels, it is their mean.
/// </remarks>
public sealed record ColorJitter : Described
{
    private static readonly float[] RedGreenBlue = [0.299f, 0.587f, 0.114f];

    /// <summary>How far the brightness varies: every value is multiplied by a factor drawn from 1 - this to 1 + this, uniformly.</summary>
    /// <value>Default 0.4 (fb.resnet.torch); from 0 (no change) to 1.</value>
    public double Brightness { get; init => field = Require.InRange(value, 0, 1); } = 0.4;

    /// <summary>How far the contrast varies: every value's distance from the image's mean grey is multiplied by a factor drawn from 1 - this to 1 + this, uniformly.</summary>
    /// <value>Default 0.4 (fb.resnet.torch); from 0 (no change) to 1.</value>
    public double Contrast { get; init => field = Require.InRange(value, 0, 1); } = 0.4;

    /// <summary>
    /// How far the saturation varies: every value's distance from its pixel's grey is multiplied by a factor drawn from 1 - this to 1 + this, uniformly.
    /// An image of one channel has none, and is not changed by it.
    /// </summary>
    /// <value>Default 0.4 (fb.resnet.torch); from 0 (no change) to 1.</value>
    public double Saturation { get; init => field = Require.InRange(value, 0, 1); } = 0.4;

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("brightness", Brightness);
        identity.Add("contrast", Contrast);
        identity.Add("saturation", Saturation);
    }

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();

    /// <summary>Changes an image in place; the seed alone decides how.</summary>
    /// <param name="image">[channels, height, width] in [0, 1].</param>
    internal void Apply(Span<float> image, ImageShape shape, Seed seed)
    {
        var brightness = Factor(Brightness, seed.For("brightness"));
        var contrast = Factor(Contrast, seed.For("contrast"));
        var saturation = shape.Channels == 1 ? 1 : Factor(Saturation, seed.For("saturation"));
        var weights = shape.Channels == 3 ? RedGreenBlue : [.. Enumerable.Repeat(1f / shape.Channels, shape.Channels)];

        // A value is the mean grey + (its pixel's grey - the mean grey) + (the value - its pixel's grey). Brightness scales all three, contrast the latter two,
        // saturation the last: brightness * (mean + contrast * (grey - mean + saturation * (value - grey))).
        var ofValue = brightness * contrast * saturation;
        var ofGrey = brightness * contrast * (1 - saturation);
        var ofMean = brightness * (1 - contrast);
        Mix(image, weights, (float)ofValue, (float)ofGrey, (float)(ofMean * MeanGrey(image, weights)));
    }

    private static double Factor(double strength, Seed seed) => 1 + strength * (2 * seed.Uniform() - 1);

    private static double MeanGrey(ReadOnlySpan<float> image, float[] weights)
    {
        var pixels = image.Length / weights.Length;
        var mean = 0.0;
        for (var channel = 0; channel < weights.Length; channel++)
        {
            var sum = 0.0;
            foreach (var value in image.Slice(channel * pixels, pixels))
                sum += value;
            mean += weights[channel] * sum / pixels;
        }
        return mean;
    }

    private static void Mix(Span<float> image, float[] weights, float ofValue, float ofGrey, float constant)
    {
        var pixels = image.Length / weights.Length;
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            var grey = 0f;
            for (var channel = 0; channel < weights.Length; channel++)
                grey += weights[channel] * image[channel * pixels + pixel];
            for (var channel = 0; channel < weights.Length; channel++)
            {
                ref var value = ref image[channel * pixels + pixel];
                value = Math.Clamp(ofValue * value + ofGrey * grey + constant, 0, 1);
            }
        }
    }
}

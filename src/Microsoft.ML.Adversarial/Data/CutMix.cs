namespace Microsoft.ML.Adversarial;

/// <summary>
/// A window of another image of the batch is pasted into an image, and its label becomes the mixture of both by their areas (Yun et al. 2019, arXiv:1905.04899, equation 1). With an average of the weights it raises robust
/// accuracy more than any other variation (Rebuffi et al. 2021, arXiv:2103.01946, section 4).
/// </summary>
/// <remarks>Attacks, accuracies and warnings take the label with the larger share; the cross-entropy is that of the mixture, in methods that say so by <see cref="TrainingMethod.TakesMixedLabels"/>.</remarks>
public sealed record CutMix : Described
{
    /// <summary>The share of the images that get a part of another one.</summary>
    /// <value>Default 0.5, as in the source's public code on CIFAR; from 0 to 1.</value>
    public double Probability { get; init => field = Require.InRange(value, 0, 1); } = 0.5;

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("probability", Probability);
    }

    /// <summary>Mixes a batch in place; seeds of the images decide how.</summary>
    /// <param name="pixels">[batch, channels, height, width].</param>
    /// <param name="labels">[batch]; become those of the larger shares.</param>
    /// <param name="classCount">Classes told apart.</param>
    /// <param name="shape">Of an image.</param>
    /// <param name="seedOf">Of an image of the batch.</param>
    /// <returns>[batch, classes]: the share of each class.</returns>
    internal float[] Mix(float[] pixels, long[] labels, int classCount, ImageShape shape, Func<int, Seed> seedOf)
    {
        var (images, own) = ((float[])pixels.Clone(), (long[])labels.Clone());
        var targets = new float[labels.Length * classCount];
        for (var i = 0; i < labels.Length; i++)
        {
            var seed = seedOf(i).For("cutmix");
            var window = seed.For("whether").Uniform() < Probability ? Window(shape, seed) : default;
            var partner = (int)(seed.For("partner").Uniform() * labels.Length);
            Paste(images.AsSpan(partner * shape.Length, shape.Length), pixels.AsSpan(i * shape.Length, shape.Length), window, shape);
            var share = (float)(window.Height * window.Width) / (shape.Height * shape.Width);
            targets[i * classCount + own[i]] += 1 - share;
            targets[i * classCount + own[partner]] += share;
            labels[i] = share > 0.5 ? own[partner] : own[i];
        }
        return targets;
    }

    /// <summary>Of the image's aspect ratio and a uniform area, about a uniform centre; what lies outside the image is cut off.</summary>
    private static ImageWindow Window(ImageShape shape, Seed seed)
    {
        var side = Math.Sqrt(seed.For("area").Uniform());
        var (top, bottom) = Range(shape.Height, side, seed.For("vertical"));
        var (left, right) = Range(shape.Width, side, seed.For("horizontal"));
        return new ImageWindow(top, left, bottom - top, right - left);
    }

    private static (int First, int End) Range(int length, double side, Seed seed)
    {
        var (size, middle) = ((int)(length * side), (int)(seed.Uniform() * length));
        return (Math.Max(0, middle - size / 2), Math.Min(length, middle - size / 2 + size));
    }

    private static void Paste(ReadOnlySpan<float> source, Span<float> target, ImageWindow window, ImageShape shape)
    {
        for (var plane = 0; plane < shape.Channels; plane++)
            for (var y = window.Top; y < window.Top + window.Height; y++)
            {
                var start = (plane * shape.Height + y) * shape.Width + window.Left;
                source.Slice(start, window.Width).CopyTo(target[start..]);
            }
    }
}

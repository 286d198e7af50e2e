using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The randomness of an attack on some images: every image has named streams of its own, so that attacking a batch equals attacking its images one by one.
/// Drawing changes nothing: the same stream drawn twice gives the same numbers; ask for another by name or number.
/// </summary>
/// <remarks>
/// A number is a function of seed, names, the image's row and the place within the image, computed on the device of what is drawn; none comes from a generator. The
/// streams hold one whole number for each image in a tensor that belongs to the dispose scope in which they were made.
/// </remarks>
public sealed class ImageRandom
{
    private readonly Seeds images;

    internal ImageRandom(Seed seed, IEnumerable<long> rows)
        : this(Seeds.Of(rows.Select(row => seed.For(row))))
    {
    }

    private ImageRandom(Seeds images) => this.images = images;

    /// <summary>Streams for images counted from zero.</summary>
    /// <param name="seed">Any number; the same seed gives the same streams.</param>
    /// <param name="count">How many images there are, from 1.</param>
    /// <returns>The streams.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public static ImageRandom FromSeed(int seed, int count)
    {
        Require.InRange(count, 1, int.MaxValue, nameof(count));
        return new ImageRandom(new Seed((ulong)seed).For("images"), Enumerable.Range(0, count).Select(row => (long)row));
    }

    /// <summary>How many images there are.</summary>
    public int Count => (int)images.Count;

    /// <summary>What tells the images' streams apart, int64 [count].</summary>
    internal Tensor Keys => images.Values;

    /// <summary>Other streams for the same images.</summary>
    /// <param name="number">Which: a restart, a step.</param>
    public ImageRandom For(long number) => new(images.For(number));

    /// <summary>The streams of some of the images.</summary>
    /// <param name="positions">int64 [count], positions in this batch, from 0; on any device.</param>
    public ImageRandom Select(Tensor positions) => new(images.Select(Require.NotNull(positions, nameof(positions))));

    /// <summary>The streams that these keys stand for.</summary>
    internal static ImageRandom Of(Tensor keys) => new(new Seeds(keys));

    /// <summary>Uniform in [0, 1), independent for every image; the same on every device.</summary>
    /// <param name="stream">A name for what is drawn.</param>
    /// <param name="like">[batch, ...]: gives shape and device; its first size must be <see cref="Count"/>.</param>
    /// <returns>float32, the shape of <paramref name="like"/>.</returns>
    public Tensor Uniform(string stream, Tensor like) => Draw(stream, like, static (seeds, length, device) => seeds.Uniform(length, device));

    /// <summary>Standard normal, independent for every image; the same on every device but for rounding.</summary>
    /// <param name="stream">A name for what is drawn.</param>
    /// <param name="like">[batch, ...]: gives shape and device; its first size must be <see cref="Count"/>.</param>
    /// <returns>float32, the shape of <paramref name="like"/>.</returns>
    public Tensor Normal(string stream, Tensor like) => Draw(stream, like, static (seeds, length, device) => seeds.Normal(length, device));

    private Tensor Draw(string stream, Tensor like, Func<Seeds, long, Device, Tensor> draw)
    {
        Require.NotNull(like, nameof(like));
        if (like.shape[0] != Count)
            throw new ArgumentException($"like has {like.shape[0]} images; these are streams for {Count}.", nameof(like));

        using var scope = NewDisposeScope();
        return draw(images.For(stream), like.numel() / Count, like.device).view(like.shape).MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The randomness of an attack on some images: every image has named streams of its own, so that attacking a batch equals attacking its images one by one.
/// Drawing changes nothing: the same stream drawn twice gives the same numbers; ask for another by name or number.
/// </summary>
public sealed class ImageRandom
{
    private readonly Seed batch;
    private readonly Seed[] images;

    internal ImageRandom(Seed seed, Seed batch, IEnumerable<long> rows)
        : this(batch, [.. rows.Select(row => seed.For(row))])
    {
    }

    private ImageRandom(Seed batch, Seed[] images)
    {
        this.batch = batch;
        this.images = images;
    }

    /// <summary>Streams for images counted from zero.</summary>
    /// <param name="seed">Any number; the same seed gives the same streams.</param>
    /// <param name="count">How many images there are, from 1.</param>
    /// <returns>The streams.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public static ImageRandom FromSeed(int seed, int count)
    {
        Require.InRange(count, 1, int.MaxValue, nameof(count));
        var root = new Seed((ulong)seed).For("images");
        return new ImageRandom(root, root.For("batch"), Enumerable.Range(0, count).Select(row => (long)row));
    }

    /// <summary>How many images there are.</summary>
    public int Count => images.Length;

    /// <summary>Other streams for the same images.</summary>
    /// <param name="number">Which: a restart, a step.</param>
    public ImageRandom For(long number) => new(batch.For(number), [.. images.Select(seed => seed.For(number))]);

    /// <summary>The streams of some of the images.</summary>
    /// <param name="positions">Positions in this batch, from 0.</param>
    public ImageRandom Select(IEnumerable<long> positions) => new(batch, [.. positions.Select(position => images[position])]);

    /// <summary>Uniform in [0, 1), independent for every image.</summary>
    /// <param name="stream">A name for what is drawn.</param>
    /// <param name="like">[batch, ...]: gives shape and device; its first size must be <see cref="Count"/>.</param>
    /// <returns>float32, the shape of <paramref name="like"/>.</returns>
    public Tensor Uniform(string stream, Tensor like) => Draw(stream, like, static (tensor, generator) => tensor.uniform_(0, 1, generator));

    /// <summary>Standard normal, independent for every image.</summary>
    /// <param name="stream">A name for what is drawn.</param>
    /// <param name="like">[batch, ...]: gives shape and device; its first size must be <see cref="Count"/>.</param>
    /// <returns>float32, the shape of <paramref name="like"/>.</returns>
    public Tensor Normal(string stream, Tensor like) => Draw(stream, like, static (tensor, generator) => tensor.normal_(0, 1, generator));

    /// <summary>One number for the whole batch.</summary>
    /// <param name="stream">A name for what is drawn.</param>
    /// <returns>Uniform in [0, 1).</returns>
    public double BatchUniform(string stream) => batch.For(stream).Uniform();

    private Tensor Draw(string stream, Tensor like, Func<Tensor, Generator, Tensor> fill)
    {
        Require.NotNull(like, nameof(like));
        if (like.shape[0] != Count)
            throw new ArgumentException($"like has {like.shape[0]} images; these are streams for {Count}.", nameof(like));

        using var scope = NewDisposeScope();
        var draws = empty(like.shape);
        for (var i = 0; i < images.Length; i++)
        {
            using var generator = images[i].For(stream).TorchGenerator();
            using var draw = draws[i];
            fill(draw, generator);
        }
        return draws.to(like.device).MoveToOuterDisposeScope();
    }
}

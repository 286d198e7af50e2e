namespace Microsoft.ML.Adversarial;

/// <summary>Where the extra images of a batch come from.</summary>
/// <param name="reader">Reads them.</param>
/// <param name="share">Of each batch.</param>
internal sealed class ExtraImageSource(ImageReader reader, double share)
{
    private PackedImage[]? images;
    private (Seed Seed, PackedImage[] Images)? last;

    /// <summary>Those that go with some training images; epoch, seed and place decide which.</summary>
    /// <param name="own">Training images of the batch.</param>
    /// <param name="first">Training images of the epoch before them.</param>
    /// <param name="order">Of this epoch.</param>
    public IEnumerable<PackedImage> Beside(int own, long first, Seed order)
    {
        images ??= ReadAll();
        for (var place = Count(first); place < Count(first + own); place++)
        {
            var (pass, within) = Math.DivRem(place, images.Length);
            yield return Permuted(order.For(pass))[within];
        }
    }

    /// <summary>Extra images beside so many training images.</summary>
    private long Count(long own) => (long)Math.Round(own * share / (1 - share), MidpointRounding.AwayFromZero);

    private PackedImage[] Permuted(Seed seed)
    {
        if (last is { } known && known.Seed == seed)
            return known.Images;
        PackedImage[] permuted = [.. images!];
        seed.Random().Shuffle(permuted);
        last = (seed, permuted);
        return permuted;
    }

    private PackedImage[] ReadAll()
    {
        try
        {
            PackedImage[] all = [.. reader.Read().Select(image => image.AsExtra())];
            return all.Length > 0 ? all : throw new InvalidDataException("There is none that can be read; expected at least one.");
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"ExtraImages: {exception.Message}", exception);
        }
    }
}

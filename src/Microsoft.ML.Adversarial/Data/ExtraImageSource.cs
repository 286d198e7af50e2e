namespace Microsoft.ML.Adversarial;

/// <summary>Where the extra images of a batch come from.</summary>
/// <param name="reader">Reads them.</param>
internal sealed class ExtraImageSource(ImageReader reader)
{
    private PackedImage[]? images;
    private long rows;
    private (Seed Seed, PackedImage[] Images)? last;

    /// <summary>Those that go with some training images; epoch, seed and place decide which. One that comes again in the epoch has another row below zero, and so other random streams.</summary>
    /// <param name="own">Training images of the batch.</param>
    /// <param name="first">Training images of the epoch before them.</param>
    /// <param name="full">What a full batch has of either.</param>
    /// <param name="order">Of this epoch.</param>
    public IEnumerable<PackedImage> Beside(int own, long first, (int Own, int Extra) full, Seed order)
    {
        images ??= ReadAll();
        for (var place = Count(first); place < Count(first + own); place++)
        {
            var (pass, within) = Math.DivRem(place, images.Length);
            var image = Permuted(order.For(pass))[within];
            // No training image has its random streams.
            yield return image.WithRow(-1 - (image.Row + pass * rows));
        }

        // Beside so many training images, rounded; a full batch is exactly that.
        long Count(long count) => (2 * count * full.Extra + full.Own) / (2 * full.Own);
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">What is wrong with them is said with their name.</exception>
    public static void Named(Action read)
    {
        try
        {
            read();
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"ExtraImages: {exception.Message}", exception);
        }
    }

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
        PackedImage[] all = [];
        Named(() => all = [.. reader.Read()]);
        rows = all.Length > 0 ? all[^1].Row + 1 : throw new InvalidDataException("ExtraImages: There is none that can be read; expected at least one.");
        return all;
    }
}

namespace Microsoft.ML.Adversarial;

/// <summary>What networks for small images ask of an image: their stem keeps its size, so that a large one would cost what nobody wants to pay.</summary>
internal static class SmallImages
{
    /// <summary>Pixels along a side of the largest one.</summary>
    public const int Largest = 64;

    /// <exception cref="ArgumentException">The image is too large, or the last stage would have none of it left.</exception>
    public static void Check(Backbone network, ImageShape image, int totalStride)
    {
        if (Math.Max(image.Height, image.Width) > Largest)
            throw new ArgumentException($"{network} is made for images of at most {Largest} x {Largest} pixels; these are {image}. Resize them, or take ResNet, which has a stem for large images.");
        CheckLeast(network, image, totalStride);
    }

    /// <exception cref="ArgumentException">The last stage would have none of the image left.</exception>
    public static void CheckLeast(Backbone network, ImageShape image, int totalStride)
    {
        if (Math.Min(image.Height, image.Width) < totalStride)
            throw new ArgumentOutOfRangeException(nameof(network), $"{network} needs images of at least {totalStride} x {totalStride} pixels; these are {image}.");
    }
}

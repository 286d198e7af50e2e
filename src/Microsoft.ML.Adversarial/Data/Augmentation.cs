using Microsoft.ML.Adversarial.Common;

namespace Microsoft.ML.Adversarial.Data;

/// <summary>How training images are varied each time they are seen.</summary>
public sealed record Augmentation
{
    /// <summary>No variation.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Whether half of the images are mirrored left to right. Not for images that mean something else mirrored, such as letters.</summary>
    /// <value>Default false.</value>
    public bool HorizontalFlip { get; init; }

    /// <summary>Black pixels put around the image before a window of its own size is cut out at random: shifts by up to this many pixels.</summary>
    /// <value>Default 0: no shift; from 0 to 64. He et al. 2016 (section 4.2) use 4 on CIFAR-10.</value>
    public int CropPadding { get; init => field = Require.InRange(value, 0, 64); }

    /// <summary>Writes a varied image; the seed alone decides how.</summary>
    internal void Write(PackedImage image, ImageShape shape, Seed seed, Span<float> target)
    {
        var flips = HorizontalFlip && seed.For("flip").Uniform() < 0.5;
        var down = Shift(seed.For("vertical"));
        var right = Shift(seed.For("horizontal"));
        for (var i = 0; i < shape.Length; i++)
        {
            var (plane, within) = Math.DivRem(i, shape.Height * shape.Width);
            var (y, x) = Math.DivRem(within, shape.Width);
            var sourceY = y + down;
            var sourceX = (flips ? shape.Width - 1 - x : x) + right;
            var isInside = sourceY >= 0 && sourceY < shape.Height && sourceX >= 0 && sourceX < shape.Width;
            target[i] = isInside ? image[(plane * shape.Height + sourceY) * shape.Width + sourceX] : 0;
        }
    }

    private int Shift(Seed seed) => CropPadding == 0 ? 0 : (int)(seed.Uniform() * (2 * CropPadding + 1)) - CropPadding;
}


namespace Microsoft.ML.Adversarial;

/// <summary>
/// How training images are varied each time they are seen: first a window is cut out (<see cref="CropPadding"/> or <see cref="ResizedCrop"/>), then it is
/// mirrored (<see cref="HorizontalFlip"/>), its colours change (<see cref="ColorJitter"/>), a part is made black (<see cref="Erasing"/>), last it gets a part of another image (<see cref="CutMix"/>). Setting one of these does not change what the others draw.
/// </summary>
public sealed record Augmentation : Described
{
    /// <summary>No variation.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Whether half of the images are mirrored left to right. Not for images that mean something else mirrored, such as letters.</summary>
    /// <value>Default false.</value>
    public bool HorizontalFlip { get; init; }

    /// <summary>Black pixels put around the image before a window of its own size is cut out at random: shifts by up to this many pixels.</summary>
    /// <value>Default 0: no shift; from 0 to 64. He et al. 2016 (section 4.2) use 4 on CIFAR-10. Not together with <see cref="ResizedCrop"/>.</value>
    public int CropPadding { get; init => field = Require.InRange(value, 0, 64); }

    /// <summary>A random part of the image, resized to the image's size.</summary>
    /// <value>Default null: the whole image. ImageNet recipes use <c>new()</c>. Not together with <see cref="CropPadding"/>.</value>
    public RandomResizedCrop? ResizedCrop { get; init; }

    /// <summary>Random changes of brightness, contrast and saturation.</summary>
    /// <value>Default null: the image's own colours. ImageNet recipes use <c>new()</c>.</value>
    public ColorJitter? ColorJitter { get; init; }

    /// <summary>A random part of the image that is made black.</summary>
    /// <value>Default null: none. <c>new()</c> is random erasing, <see cref="RandomErasing.Cutout"/> cutout.</value>
    public RandomErasing? Erasing { get; init; }

    /// <summary>A random part of another image of the batch in the place of this one's, and its label with it.</summary>
    /// <value>Default null: none.</value>
    public CutMix? CutMix { get; init; }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("horizontal flip", HorizontalFlip);
        identity.Add("crop padding", CropPadding);
        identity.Add("resized crop", ResizedCrop);
        identity.Add("color jitter", ColorJitter);
        identity.Add("erasing", Erasing);
        identity.Add("cutmix", CutMix);
    }

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();

    /// <summary>Refuses what contradicts itself. Initialisers set options in any order, so only the whole record can tell.</summary>
    /// <exception cref="ArgumentException">Two options contradict each other.</exception>
    internal void Check()
    {
        if (CropPadding > 0 && ResizedCrop is not null)
            throw new ArgumentException($"CropPadding is {CropPadding} and ResizedCrop is set; expected one of them, because each chooses the window that is cut out.");
        ResizedCrop?.Check();
        Erasing?.Check();
    }

    /// <summary>Writes a varied image, with nothing of others yet; the seed alone decides how.</summary>
    internal void Write(PackedImage image, ImageShape shape, Seed seed, Span<float> target)
    {
        var flips = HorizontalFlip && seed.For("flip").Uniform() < 0.5;
        if (ResizedCrop is null)
            WriteShifted(image, shape, Shift(seed.For("vertical")), Shift(seed.For("horizontal")), flips, target);
        else
            ResizedCrop.Window(shape, seed.For("resized crop")).WriteResized(image, shape, flips, target);
        ColorJitter?.Apply(target, shape, seed.For("colour jitter"));
        Erasing?.Apply(target, shape, seed.For("erasing"));
    }

    private static void WriteShifted(PackedImage image, ImageShape shape, int down, int right, bool flips, Span<float> target)
    {
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

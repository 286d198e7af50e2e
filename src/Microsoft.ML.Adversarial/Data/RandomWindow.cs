namespace Microsoft.ML.Adversarial;

/// <summary>
/// Windows of uniform area and log-uniform aspect ratio, so that one is as often tall as wide, at a uniform place, drawn as torchvision's RandomResizedCrop draws them: where ten draws do not fit into the image,
/// the largest central window of an allowed aspect ratio is taken.
/// </summary>
/// <param name="MinimumArea">As a share of the image's.</param>
/// <param name="MaximumArea">As a share of the image's.</param>
/// <param name="MinimumAspect">Width by height.</param>
/// <param name="MaximumAspect">Width by height.</param>
internal readonly record struct RandomWindow(double MinimumArea, double MaximumArea, double MinimumAspect, double MaximumAspect)
{
    private const int Tries = 10;

    /// <summary>Whether the central window, too, is no larger than <see cref="MaximumArea"/>; torchvision's is.</summary>
    public bool IsNeverLarger { get; init; }

    /// <param name="option">Of the augmentation, for the message.</param>
    /// <exception cref="ArgumentException">A minimum lies above its maximum.</exception>
    public void Check(string option)
    {
        CheckOrder(option, nameof(MinimumArea), MinimumArea, nameof(MaximumArea), MaximumArea);
        CheckOrder(option, nameof(MinimumAspect), MinimumAspect, nameof(MaximumAspect), MaximumAspect);
    }

    /// <summary>One of them; the seed alone decides which.</summary>
    public ImageWindow In(ImageShape image, Seed seed)
    {
        for (var number = 0; number < Tries; number++)
        {
            var draw = seed.For(number);
            var area = Between(MinimumArea, MaximumArea, draw.For("area")) * image.Height * image.Width;
            var aspect = Math.Exp(Between(Math.Log(MinimumAspect), Math.Log(MaximumAspect), draw.For("aspect")));
            var height = (int)Math.Round(Math.Sqrt(area / aspect));
            var width = (int)Math.Round(Math.Sqrt(area * aspect));
            if (height >= 1 && height <= image.Height && width >= 1 && width <= image.Width)
                return new ImageWindow(Place(image.Height - height, draw.For("top")), Place(image.Width - width, draw.For("left")), height, width);
        }
        return Central(image);
    }

    private ImageWindow Central(ImageShape image)
    {
        var aspect = Math.Clamp((double)image.Width / image.Height, MinimumAspect, MaximumAspect);
        var height = Math.Clamp((int)Math.Round(image.Width / aspect), 1, image.Height);
        var width = Math.Clamp((int)Math.Round(image.Height * aspect), 1, image.Width);
        if (IsNeverLarger && Math.Sqrt(MaximumArea * image.Height * image.Width / (height * width)) is < 1 and var shrink)
            (height, width) = (Math.Max(1, (int)(height * shrink)), Math.Max(1, (int)(width * shrink)));
        return new ImageWindow((image.Height - height) / 2, (image.Width - width) / 2, height, width);
    }

    private static double Between(double minimum, double maximum, Seed seed) => minimum + (maximum - minimum) * seed.Uniform();

    private static int Place(int room, Seed seed) => (int)(seed.Uniform() * (room + 1));

    private static void CheckOrder(string option, string minimumName, double minimum, string maximumName, double maximum)
    {
        if (minimum > maximum)
            throw new ArgumentException(FormattableString.Invariant($"{minimumName} of {option} is {minimum}; expected at most {maximumName}, which is {maximum}."));
    }
}

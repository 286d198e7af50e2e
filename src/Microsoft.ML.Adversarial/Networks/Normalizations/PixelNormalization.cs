using System.Globalization;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>How pixels enter a network's first convolution: (pixel - mean)/deviation, where black is 0 and full brightness 1. Budgets of attacks are not affected.</summary>
public sealed record PixelNormalization : Described
{
    /// <summary>A mean and a deviation: one number for all channels, or one for each channel.</summary>
    /// <param name="mean">From 0 to 1 each.</param>
    /// <param name="deviation">From 0.001 to 1 each.</param>
    /// <exception cref="ArgumentException">A list is empty, or both hold several numbers and not equally many.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public PixelNormalization(IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
    {
        Mean = [.. Require.NotNull(mean, nameof(mean)).Select(value => Require.InRange(value, 0, 1, nameof(mean)))];
        Deviation = [.. Require.NotNull(deviation, nameof(deviation)).Select(value => Require.InRange(value, 0.001, 1, nameof(deviation)))];
        if (Mean.Count == 0 || Deviation.Count == 0 || (Mean.Count != Deviation.Count && Mean.Count != 1 && Deviation.Count != 1))
            throw new ArgumentException($"The mean has {Mean.Count} numbers and the deviation {Deviation.Count}; expected one for all channels, or one for each channel.");
    }

    /// <summary>[0, 1] becomes [-1, 1]: mean and deviation are 0.5.</summary>
    public static PixelNormalization SymmetricRange { get; } = new([0.5], [0.5]);

    /// <summary>[0, 1] becomes [0, 255].</summary>
    public static PixelNormalization GreyLevels { get; } = new([0], [1.0 / 255]);

    /// <summary>[0, 1] as it is.</summary>
    internal static PixelNormalization Identical { get; } = new([0], [1]);

    /// <summary>Mean and deviation of ImageNet's red, green and blue, with which torchvision's models were trained (pytorch/examples, imagenet/main.py).</summary>
    public static PixelNormalization ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    /// <summary>What is subtracted from all channels, or from each.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>What all channels are divided by, or each.</summary>
    public IReadOnlyList<double> Deviation { get; }

    /// <summary>pixel scale + shift, where that is the same for every channel; otherwise null.</summary>
    internal (double Scale, double Shift)? Uniform => Channels == 1 ? (1 / Deviation[0], -Mean[0] / Deviation[0]) : null;

    private int Channels => Math.Max(Mean.Count, Deviation.Count);

    /// <summary>Whether both do the same to every pixel.</summary>
    public bool Equals(PixelNormalization? other) => other is not null && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean[0], Deviation[0], Channels);

    /// <inheritdoc/>
    public override string ToString() => $"(pixel - {Text(Mean)})/{Text(Deviation)}";

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("mean", Mean);
        identity.Add("deviation", Deviation);
    }

    /// <summary>What to write for it, with as many digits as a float32 has.</summary>
    internal string InCode => FormattableString.Invariant($"new PixelNormalization([{Digits(Mean)}], [{Digits(Deviation)}])");

    /// <summary>Whether both do the same to every pixel but for what float32 rounds.</summary>
    internal bool IsAbout(PixelNormalization other)
    {
        var channels = Math.Max(Channels, other.Channels);
        return AreAbout(Mean, other.Mean) && AreAbout(Deviation, other.Deviation);

        bool AreAbout(IReadOnlyList<double> one, IReadOnlyList<double> two) =>
            Enumerable.Range(0, channels).All(channel => Math.Abs(Of(one, channel) - Of(two, channel)) < 1e-6);

        static double Of(IReadOnlyList<double> numbers, int channel) => numbers.Count == 1 ? numbers[0] : numbers.ElementAtOrDefault(channel);
    }

    /// <exception cref="ArgumentException">There are numbers for so many channels, and images have others.</exception>
    internal void CheckFits(int channels)
    {
        if (Channels != 1 && Channels != channels)
            throw new ArgumentException($"PixelNormalization has numbers for {Channels} channels, and the images have {channels}; expected one number for all channels, or one for each.");
    }

    /// <returns>float32 [1, channels, 1, 1] each, new, in the current dispose scope: pixel scale + shift.</returns>
    internal (Tensor Scale, Tensor Shift) PerChannel(Device device)
    {
        var (scale, shift) = (new float[Channels], new float[Channels]);
        for (var channel = 0; channel < Channels; channel++)
        {
            var (mean, deviation) = (Mean[Mean.Count == 1 ? 0 : channel], Deviation[Deviation.Count == 1 ? 0 : channel]);
            (scale[channel], shift[channel]) = ((float)(1 / deviation), (float)(-mean / deviation));
        }
        return (tensor(scale, [1, Channels, 1, 1], device: device), tensor(shift, [1, Channels, 1, 1], device: device));
    }

    private static string Digits(IReadOnlyList<double> numbers) => string.Join(", ", numbers.Select(number => ((float)number).ToString(CultureInfo.InvariantCulture)));

    private static string Text(IReadOnlyList<double> numbers) =>
        numbers.Count == 1 ? FormattableString.Invariant($"{numbers[0]}") : $"[{string.Join(", ", numbers.Select(number => FormattableString.Invariant($"{number}")))}]";
}

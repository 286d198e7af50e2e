using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Many seeds in one tensor: the arithmetic of <see cref="Seed"/>, bit for bit, on whichever device the tensor is, since whole numbers wrap alike everywhere.
/// </summary>
/// <param name="values">int64 [count], the bits of the seeds' values; belongs to the dispose scope it was made in.</param>
internal sealed class Seeds(Tensor values)
{
    private const long FirstFactor = unchecked((long)Seed.FirstFactor), SecondFactor = unchecked((long)Seed.SecondFactor);

    /// <summary>Bits that fill a float32 in [0, 1) without rounding.</summary>
    private const int Digits = 24;

    /// <summary>Numbers that a processor's cache holds several times over, and that torch does not share between threads.</summary>
    private const long Block = 16_384;

    public static Seeds Of(IEnumerable<Seed> seeds)
    {
        using var managed = tensor((long[])[.. seeds.Select(seed => (long)seed.Value)]);
        return new Seeds(managed.clone());
    }

    public Tensor Values => values;

    public long Count => values.shape[0];

    public Seeds For(string name)
    {
        using var scope = NewDisposeScope();
        using var hash = tensor((long)Seed.Spread(name));
        return new Seeds(Finished(Mixed(values.bitwise_xor(hash))).MoveToOuterDisposeScope());
    }

    public Seeds For(long number)
    {
        using var scope = NewDisposeScope();
        return new Seeds(Finished(Mixed(values.clone().AddInPlace((long)Seed.Step(number)))).MoveToOuterDisposeScope());
    }

    public Seeds Select(Tensor positions)
    {
        using var here = values.to(positions.device, copy: false);
        return new Seeds(here.gather(0, positions));
    }

    /// <summary>Of each seed, the upper 24 bits of For(0), For(1), ...: uniform in [0, 1), in steps of 2^-24.</summary>
    /// <param name="length">Numbers for each seed.</param>
    /// <param name="device">Where they are computed.</param>
    /// <returns>float32 [count, length].</returns>
    public Tensor Uniform(long length, Device device) =>
        // The last step of the finaliser leaves the upper bits as they are.
        InBlocks(length, device, static draws => Fraction(draws, 64 - Digits));

    /// <summary>Standard normal numbers by Box and Muller's transform (1958): a radius from the upper 24 bits, an angle from the 24 bits below.</summary>
    /// <param name="length">Numbers for each seed.</param>
    /// <param name="device">Where they are computed; the logarithm and the cosine may differ in the last place from device to device.</param>
    /// <returns>float32 [count, length], none beyond 5.8 = sqrt(2 ln 2^24).</returns>
    public Tensor Normal(long length, Device device) => InBlocks(length, device, static draws =>
    {
        Finished(draws);
        // 1 - u lies in (0, 1], where the logarithm is finite.
        var radius = Fraction(draws, 64 - Digits).TimesInPlace(-1).AddInPlace(1.0).log_().TimesInPlace(-2).sqrt_();
        var angle = Fraction(draws, 64 - 2 * Digits).TimesInPlace(2 * Math.PI);
        return radius.mul_(angle.cos_());
    });

    /// <summary>Makes numbers of For(0), For(1), ... of each seed, without the finaliser's last step; on a processor a few seeds at a time, so that they stay in its cache.</summary>
    private Tensor InBlocks(long length, Device device, Func<Tensor, Tensor> finish)
    {
        using var scope = NewDisposeScope();
        var steps = TensorArithmetic.Positions(length, device).TimesInPlace((long)Seed.Step(0)).AddInPlace((long)Seed.Step(0));
        var starts = values.to(device, copy: false).unsqueeze(1);
        var height = device.type == DeviceType.CPU ? Math.Max(1, Block / length) : Count;
        var result = empty(Count, length, device: device);
        for (var first = 0L; first < Count; first += height)
        {
            using var block = NewDisposeScope();
            var rows = Math.Min(height, Count - first);
            result.narrow(0, first, rows).copy_(finish(Mixed(starts.narrow(0, first, rows).Plus(steps))));
        }
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>The multiplications of <see cref="Seed"/>'s finaliser; changes the tensor.</summary>
    private static Tensor Mixed(Tensor numbers) =>
        Folded(Folded(numbers, 30).TimesInPlace(FirstFactor), 27).TimesInPlace(SecondFactor);

    private static Tensor Finished(Tensor mixed) => Folded(mixed, 31);

    /// <summary>z ^ (z >> shift); changes the tensor.</summary>
    private static Tensor Folded(Tensor numbers, int shift)
    {
        using var shifted = Shifted(numbers, shift, 64 - shift);
        return numbers.bitwise_xor_(shifted);
    }

    /// <summary>Some bits as a number in [0, 1).</summary>
    private static Tensor Fraction(Tensor numbers, int shift)
    {
        using var bits = Shifted(numbers, shift, Digits);
        return bits.to(float32).TimesInPlace(1.0 / (1 << Digits));
    }

    /// <summary>
    /// Some bits from the given place; torch shifts the sign in from above, and the mask takes it off. Tensors without dimensions go to a device with the
    /// operation itself.
    /// </summary>
    private static Tensor Shifted(Tensor numbers, int shift, int bits)
    {
        using var places = tensor((long)shift);
        using var mask = tensor((1L << bits) - 1);
        return numbers.bitwise_right_shift(places).bitwise_and_(mask);
    }
}

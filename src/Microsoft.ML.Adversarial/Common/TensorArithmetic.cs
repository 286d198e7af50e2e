using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Arithmetic of tensors with numbers that survives a garbage collection. TorchSharp 0.107.0 passes a <see cref="Scalar"/> to native code without keeping it
/// alive: a collection in that moment frees the number while libtorch still reads it ("Expected false to be true" from Scalar.h, or a wrong result). Even the sum of
/// two tensors carries such a number, the factor 1. Here every scalar lives until its operation is done, and BannedSymbols.txt refuses the other ways.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>int64 [count]: 0, 1, ..., count - 1.</summary>
    public static Tensor Positions(long count, Device device)
    {
        using var scalar = count.ToScalar();
        return arange(scalar, dtype: int64, device: device);
    }

    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    public static Tensor Plus(this Tensor tensor, double number)
    {
        using var scalar = number.ToScalar();
        return tensor.add(scalar, One);
    }

    /// <summary>tensor + factor other.</summary>
    public static Tensor PlusScaled(this Tensor tensor, Tensor other, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.add(other, scalar);
    }

    public static Tensor Times(this Tensor tensor, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.mul(scalar);
    }

    public static Tensor ToThePower(this Tensor tensor, double exponent)
    {
        using var scalar = exponent.ToScalar();
        return tensor.pow(scalar);
    }

    public static Tensor Modulo(this Tensor tensor, long divisor)
    {
        using var scalar = divisor.ToScalar();
        return tensor.remainder(scalar);
    }

    /// <returns>bool, the shape of the tensor.</returns>
    public static Tensor IsAtMost(this Tensor tensor, double maximum)
    {
        using var scalar = maximum.ToScalar();
        return tensor.le(scalar);
    }

    public static Tensor AtMost(this Tensor tensor, double maximum)
    {
        using var scalar = maximum.ToScalar();
        return tensor.clamp_max(scalar);
    }

    public static Tensor AtLeast(this Tensor tensor, double minimum)
    {
        using var scalar = minimum.ToScalar();
        return tensor.clamp_min(scalar);
    }

    /// <summary>Changes the tensor.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other) => tensor.add_(other, One);

    /// <summary>Changes the tensor.</summary>
    public static Tensor AddInPlace(this Tensor tensor, double number)
    {
        using var scalar = number.ToScalar();
        return tensor.add_(scalar, One);
    }

    /// <summary>Changes the tensor, which may hold whole numbers.</summary>
    public static Tensor AddInPlace(this Tensor tensor, long number)
    {
        using var scalar = number.ToScalar();
        return tensor.add_(scalar, One);
    }

    /// <summary>Changes the tensor to tensor + factor other.</summary>
    public static Tensor AddScaledInPlace(this Tensor tensor, Tensor other, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.add_(other, scalar);
    }

    /// <summary>Changes the tensor.</summary>
    public static Tensor TimesInPlace(this Tensor tensor, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.mul_(scalar);
    }

    /// <summary>Changes the tensor, which may hold whole numbers; they wrap.</summary>
    public static Tensor TimesInPlace(this Tensor tensor, long factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.mul_(scalar);
    }

    /// <summary>Changes the tensor.</summary>
    public static Tensor ClampInPlace(this Tensor tensor, double minimum, double maximum)
    {
        using var least = minimum.ToScalar();
        using var most = maximum.ToScalar();
        return tensor.clamp_(least, most);
    }
}

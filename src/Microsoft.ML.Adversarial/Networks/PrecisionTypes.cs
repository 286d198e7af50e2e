using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What torch calls a precision.</summary>
internal static class PrecisionTypes
{
    /// <param name="precision">Not automatic: that is decided before anything computes.</param>
    public static ScalarType Type(this Precision precision) => precision switch
    {
        Precision.Single => float32,
        Precision.BFloat16 => bfloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Nothing computes in this precision; expected Single or BFloat16."),
    };
}

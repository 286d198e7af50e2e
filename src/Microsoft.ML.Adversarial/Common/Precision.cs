namespace Microsoft.ML.Adversarial;

/// <summary>
/// The numbers in which a network computes. Images, steps, budgets, weights that are kept, statistics, losses and verdicts are 32-bit floating point in either case.
/// </summary>
public enum Precision
{
    /// <summary>32-bit floating point (float32).</summary>
    Single,

    /// <summary>
    /// 16-bit brain floating point (bfloat16: the range of float32, 8 significant bits), from the first convolution to the pooling. Faster where the processor or GPU has
    /// instructions for it (AVX-512 BF16, AMX, CUDA from compute capability 8.0), slower elsewhere.
    /// </summary>
    BFloat16,

    /// <summary>
    /// <see cref="BFloat16"/> where a probe of about a second, on the very network and batch size, finds that at least a tenth faster; otherwise <see cref="Single"/>. A run that goes on
    /// from a checkpoint keeps what was found before. Of crafting alone. What was found is in the log: state it to repeat a run bit for bit elsewhere.
    /// </summary>
    Automatic,
}

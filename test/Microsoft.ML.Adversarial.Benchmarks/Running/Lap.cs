namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>One run of a contestant.</summary>
/// <param name="Time">It took.</param>
/// <param name="Images">Done with.</param>
/// <param name="Passes">How often an image went through all layers in one direction: forward, back to the image, or back to the weights.</param>
internal readonly record struct Lap(TimeSpan Time, long Images, long Passes)
{
    public double SecondsPerImage => Time.TotalSeconds / Images;

    public double PassesPerSecond => Passes / Time.TotalSeconds;
}

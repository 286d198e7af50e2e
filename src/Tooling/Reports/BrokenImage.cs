using SkiaSharp;

namespace Tooling.Reports;

/// <summary>An image that the attack broke.</summary>
/// <param name="Row">Its place among the images.</param>
/// <param name="Clean">As it was.</param>
/// <param name="Perturbation">What the attack added, stretched to the whole range of grey.</param>
/// <param name="Attacked">What the model was fooled by.</param>
public sealed record BrokenImage(int Row, SKBitmap Clean, SKBitmap Perturbation, SKBitmap Attacked) : IDisposable
{
    public void Dispose()
    {
        Clean.Dispose();
        Perturbation.Dispose();
        Attacked.Dispose();
    }
}

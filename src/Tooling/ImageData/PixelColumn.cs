namespace Tooling.ImageData;

/// <summary>How a classifier wants its pixels.</summary>
public sealed record PixelColumn
{
    public string Name { get; init; } = "Features";

    /// <summary>Whether the colours of a pixel stand side by side, rather than one colour plane after the other.</summary>
    public bool IsInterleaved { get; init; }

    /// <summary>The value of black.</summary>
    public float Minimum { get; init; }

    /// <summary>The value of full brightness.</summary>
    public float Maximum { get; init; } = 255;
}

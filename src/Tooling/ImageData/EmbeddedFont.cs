using SkiaSharp;

namespace Tooling.ImageData;

/// <summary>The font of all pictures that programs here draw: the machine may have none.</summary>
public static class EmbeddedFont
{
    public static SKTypeface Open()
    {
        using var resource = typeof(EmbeddedFont).Assembly.GetManifestResourceStream("Cabin-Regular.otf");
        return SKTypeface.FromStream(resource);
    }
}

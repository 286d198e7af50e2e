using SkiaSharp;

namespace Letters;

/// <summary>One font file with the outlines of its ten letters.</summary>
internal sealed class FontFace
{
    public const string Letters = "ABCDEFGHIJ";

    // Outlines are taken at this size, unhinted, and scaled by the painter: hinting would bend them to a pixel grid that the
    // rotation leaves anyway.
    private const float OutlineSize = 256;

    private readonly SKPath[] _outlines;

    private FontFace(FamilyEntry family, string path, SKTypeface typeface, SKPath[] outlines)
    {
        Family = family;
        Path = path;
        Name = System.IO.Path.GetFileNameWithoutExtension(path);
        Weight = typeface.FontWeight;
        Width = typeface.FontWidth;
        Slant = typeface.FontSlant;
        _outlines = outlines;
        Signature = string.Join('|', outlines.Select(outline => outline.ToSvgPathData()));
    }

    public FamilyEntry Family { get; }

    public string Path { get; }

    /// <summary>The file's name without extension; unique among the faces kept.</summary>
    public string Name { get; }

    public int Weight { get; }

    public int Width { get; }

    public SKFontStyleSlant Slant { get; }

    /// <summary>Equal for two files whose ten letters have the same outlines, whatever else differs.</summary>
    public string Signature { get; }

    public SKPath Outline(char letter) => _outlines[Letters.IndexOf(letter, StringComparison.Ordinal)];

    /// <summary>The family name a font file gives itself; null when the file cannot be read.</summary>
    public static string? FamilyName(string path)
    {
        using var typeface = SKTypeface.FromFile(path);
        return typeface?.FamilyName;
    }

    /// <summary>Null when the file lacks one of the letters, or draws two of them alike (a symbol or substitute font).</summary>
    public static FontFace? Load(FamilyEntry family, string path)
    {
        using var typeface = SKTypeface.FromFile(path);
        using var font = new SKFont(typeface, OutlineSize) { Hinting = SKFontHinting.None, Subpixel = true, LinearMetrics = true };
        var outlines = new SKPath[Letters.Length];
        for (var index = 0; index < Letters.Length; index++)
        {
            var glyph = typeface.GetGlyph(Letters[index]);
            if (glyph == 0 || font.GetGlyphPath(glyph) is not { IsEmpty: false } outline)
                return null;
            outlines[index] = outline;
        }

        return outlines.Select(outline => outline.ToSvgPathData()).Distinct(StringComparer.Ordinal).Count() == Letters.Length
            ? new FontFace(family, path, typeface, outlines)
            : null;
    }
}

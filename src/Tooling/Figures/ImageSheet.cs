using SkiaSharp;
using Tooling.ImageData;

namespace Tooling.Figures;

/// <summary>Small pictures in rows and columns: titles above the columns, captions below the pictures.</summary>
public sealed class ImageSheet : IDisposable
{
    private const int Tile = 112, Gap = 12, Caption = 22, Line = 24;

    private static readonly SKColor Ink = new(0x22, 0x22, 0x22), Right = new(0x1b, 0x7f, 0x3b), Wrong = new(0xb4, 0x23, 0x18);

    private readonly SKSurface surface;
    private readonly SKTypeface font = EmbeddedFont.Open();
    private readonly SKPaint text;
    private readonly int header;

    /// <param name="titles">Of the columns.</param>
    /// <param name="rows">How many rows of pictures there will be, from 1.</param>
    /// <param name="groups">Titles above those of the columns, each in the middle of some neighbouring columns; none for no such line.</param>
    public ImageSheet(IReadOnlyList<string> titles, int rows, params IReadOnlyList<(string Title, int FirstColumn, int LastColumn)> groups)
    {
        header = Line + 16 + (groups.Count > 0 ? Line : 0);
        surface = SKSurface.Create(new SKImageInfo(titles.Count * (Tile + Gap) + Gap, header + rows * (Tile + Caption + Gap)));
        surface.Canvas.Clear(SKColors.White);
        text = new SKPaint { Typeface = font, TextSize = 15, IsAntialias = true, TextAlign = SKTextAlign.Center };
        for (var column = 0; column < titles.Count; column++)
            Write(titles[column], Centre(column), header - 14, Ink);
        foreach (var (title, first, last) in groups)
            Write(title, (Centre(first) + Centre(last)) / 2, header - 14 - Line, Ink);
    }

    /// <param name="picture">Shown as large as a tile.</param>
    /// <param name="column">From 0.</param>
    /// <param name="row">From 0.</param>
    /// <param name="caption">Below it.</param>
    /// <param name="isRight">Green or red; null for neither.</param>
    public void Place(SKBitmap picture, int column, int row, string caption = "", bool? isRight = null)
    {
        var top = header + row * (Tile + Caption + Gap);
        surface.Canvas.DrawBitmap(picture, SKRect.Create(Centre(column) - Tile / 2f, top, Tile, Tile));
        Write(caption, Centre(column), top + Tile + 16, isRight switch { true => Right, false => Wrong, null => Ink });
    }

    /// <summary>Instead of pictures, in the middle of the sheet.</summary>
    public void Say(string message) => Write(message, surface.Canvas.LocalClipBounds.MidX, header + Tile / 2f, Ink);

    public void Save(string path) => PngFile.Write(surface, path);

    public void Dispose()
    {
        text.Dispose();
        font.Dispose();
        surface.Dispose();
    }

    private static float Centre(int column) => Gap + column * (Tile + Gap) + Tile / 2f;

    private void Write(string words, float centre, float baseline, SKColor colour)
    {
        text.Color = colour;
        surface.Canvas.DrawText(words, centre, baseline, text);
    }
}

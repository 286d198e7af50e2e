using System.IO.Compression;
using System.Security.Cryptography;
using SkiaSharp;

namespace Letters;

/// <summary>Writes train/A/0001.png ... test/J/0100.png.</summary>
internal static class LetterArchive
{
    // Zip entries carry a time; a fixed one keeps the bytes the same. The format begins in 1980.
    private static readonly DateTimeOffset _entryTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Nothing predicted across rows pays at this size: one filter for all keeps the file small and simple.
    private static readonly SKPngEncoderOptions _pngOptions = new(SKPngEncoderFilterFlags.NoFilters, 9);

    /// <returns>The size of the archive in bytes.</returns>
    public static long Write(string path, DesignSplit split, SeededRandom random)
    {
        using var file = File.Create(path);
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            var digests = new HashSet<string>(StringComparer.Ordinal);
            var painter = new LetterPainter(random);
            foreach (var part in (DataPart[])[split.Train, split.Test])
                foreach (var letter in FontFace.Letters)
                    WriteLetter(archive, part, letter, painter, random, digests);
        }

        return file.Length;
    }

    private static void WriteLetter(
        ZipArchive archive, DataPart part, char letter, LetterPainter painter, SeededRandom random, HashSet<string> digests)
    {
        // Every face is drawn once before any is drawn again.
        var deck = new Queue<FontFace>();
        for (var number = 1; number <= part.ImagesPerLetter; number++)
        {
            if (deck.Count == 0)
                deck = new Queue<FontFace>(random.Shuffle(part.Faces));

            var face = deck.Dequeue();
            byte[] levels;
            do
            {
                levels = painter.Paint(face, letter);
            }
            while (!digests.Add(Convert.ToHexString(SHA256.HashData(levels))));

            // PNG is compressed already; storing keeps the entries readable in place.
            var entry = archive.CreateEntry($"{part.Name}/{letter}/{number:0000}.png", CompressionLevel.NoCompression);
            entry.LastWriteTime = _entryTime;
            using var stream = entry.Open();
            stream.Write(EncodePng(levels));
        }
    }

    private static byte[] EncodePng(byte[] levels)
    {
        // Without a colour space the encoder writes no colour chunk: 8-bit grey, colour type 0.
        var info = new SKImageInfo(LetterPainter.Side, LetterPainter.Side, SKColorType.Gray8, SKAlphaType.Opaque);
        using var pixels = SKImage.FromPixelCopy(info, levels);
        using var pixmap = pixels.PeekPixels();
        using var png = pixmap.Encode(_pngOptions);
        return png.ToArray();
    }
}

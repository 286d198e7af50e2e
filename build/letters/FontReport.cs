using System.Globalization;
using System.Text;

namespace Letters;

/// <summary>FONTS.md: where every letter comes from and under which licence.</summary>
internal static class FontReport
{
    public static string Write(DesignSplit split, FontCatalogue catalogue)
    {
        var families = ((DataPart[])[split.Train, split.Test])
            .SelectMany(part => part.Faces.GroupBy(face => face.Family).Select(faces => (part, faces.Key, Count: faces.Count())))
            .OrderBy(line => line.Key.Name, StringComparer.OrdinalIgnoreCase)
            .ToList();
        var text = new StringBuilder();
        text.Append(Introduction(split, families.Count)).Append('\n');
        text.Append("| Family | Faces | Design | Debian package | Version | Licence | Split |\n");
        text.Append("|---|---:|---|---|---|---|---|\n");
        foreach (var (part, family, count) in families)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {family.Name} | {count} | {family.Design} | {family.Package} ");
            text.Append(CultureInfo.InvariantCulture, $"| {catalogue.Version(family.Package)} | {family.Licence} | {part.Name} |\n");
        }

        return text.ToString();
    }

    private static string Introduction(DesignSplit split, int families)
    {
        var (train, test) = split;
        return $"""
            # Letters A to J

            `letters.zip` holds {Images(train)} training and {Images(test)} test images,
            {train.ImagesPerLetter} and {test.ImagesPerLetter} of each letter from A to J:
            PNG, {LetterPainter.Side} x {LetterPainter.Side} pixels, 8-bit grey.
            They are drawn from {train.Faces.Count + test.Faces.Count} faces of {families} font families,
            all openly licensed and taken from Debian 12; the fonts themselves are not distributed here. Families that
            share a design (widths and companions of one super-family, and copies under other names) stand on the same
            side: {Designs(train)} designs train ({train.Faces.Count} faces), {Designs(test)} others test ({test.Faces.Count} faces).
            For each image a face is dealt (every face once before any again) and its outline is drawn, antialiased, with a random height, rotation, shift and two random
            grey levels, dark on light or light on dark, always far enough apart to read. One fixed seed decides all of it:
            `build/letters/make-letters.sh` installs the packages, draws the set again and, on x64 with the same package
            versions, writes the same bytes. Faces refused by eye are listed with the reason in `build/letters/excluded.csv`;
            faces with a missing letter, with strokes too thin for {LetterPainter.Side} pixels, or equal to another are left out by rule.

            """;
    }

    private static string Images(DataPart part)
        => (part.ImagesPerLetter * FontFace.Letters.Length).ToString("N0", CultureInfo.InvariantCulture);

    private static int Designs(DataPart part)
        => part.Faces.Select(face => face.Family.Design).Distinct(StringComparer.Ordinal).Count();
}

namespace Letters;

/// <summary>Training and test faces; no design stands on both sides.</summary>
internal sealed record DesignSplit(DataPart Train, DataPart Test)
{
    // One design in five is kept for the test.
    private const int DesignsPerTestDesign = 5;

    /// <summary>
    /// Draws the test designs kind by kind: among a hundred designs pure chance could leave the test without a typewriter face
    /// or fill it with them.
    /// </summary>
    public static DesignSplit Draw(IReadOnlyList<FontFace> faces, SeededRandom random)
    {
        // A design with several kinds (PT Sans, PT Serif, PT Mono) counts once, under the kind of most of its faces.
        var designs = faces
            .GroupBy(face => face.Family.Design, StringComparer.Ordinal)
            .Select(design => (Name: design.Key, Kind: design
                .CountBy(face => face.Family.Kind)
                .OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal)
                .First().Key));

        var testDesigns = random.Shuffle(designs)
            .OrderBy(design => design.Kind, StringComparer.Ordinal)
            .Select(design => design.Name)
            .Where((_, position) => position % DesignsPerTestDesign == DesignsPerTestDesign / 2)
            .ToHashSet(StringComparer.Ordinal);

        var sides = faces.ToLookup(face => testDesigns.Contains(face.Family.Design));
        return new DesignSplit(new DataPart("train", [.. sides[false]], 400), new DataPart("test", [.. sides[true]], 100));
    }
}

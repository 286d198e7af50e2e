namespace Letters;

/// <summary>One side of the split.</summary>
/// <param name="Name">The folder in the archive: train or test.</param>
/// <param name="Faces">The faces its images are drawn from.</param>
/// <param name="ImagesPerLetter">The same for each of the ten letters.</param>
internal sealed record DataPart(string Name, IReadOnlyList<FontFace> Faces, int ImagesPerLetter);

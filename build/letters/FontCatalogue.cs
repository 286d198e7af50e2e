namespace Letters;

/// <summary>The faces that are drawn, and why the others of the allowed families are not.</summary>
internal sealed class FontCatalogue
{
    // A dozen weights of one family differ less than two families do; the limits keep large families from filling the set.
    private const int MaximumFacesPerFamily = 6;
    private const int MaximumFacesPerDesign = 12;

    private readonly List<FontFace> _faces = [];
    private readonly List<string> _refusals = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);

    private FontCatalogue()
    {
    }

    public IReadOnlyList<FontFace> Faces => _faces;

    public IReadOnlyList<string> Refusals => _refusals;

    public string Version(string package) => _versions[package];

    public static FontCatalogue Scan(
        IReadOnlyList<FamilyEntry> families, IReadOnlyDictionary<string, string> exclusions, DebianPackages packages)
    {
        var catalogue = new FontCatalogue();
        var unusedExclusions = exclusions.Keys.ToHashSet(StringComparer.Ordinal);
        var emptyFamilies = new List<string>();
        var signatures = new HashSet<string>(StringComparer.Ordinal);
        foreach (var ofPackage in families.GroupBy(family => family.Package, StringComparer.Ordinal))
        {
            catalogue._versions[ofPackage.Key] = DebianPackages.Version(ofPackage.Key);
            var filesByFamily = packages.FontFiles(ofPackage.Key).ToLookup(FontFace.FamilyName, StringComparer.Ordinal);
            foreach (var family in ofPackage)
            {
                var kept = new List<FontFace>();
                foreach (var path in filesByFamily[family.Name])
                {
                    unusedExclusions.ExceptWith([family.Name, Path.GetFileNameWithoutExtension(path)]);
                    if (catalogue.Accept(family, path, exclusions, signatures) is { } face)
                        kept.Add(face);
                }

                if (kept.Count == 0 && !exclusions.ContainsKey(family.Name))
                    emptyFamilies.Add($"'{family.Name}' (the package has {string.Join(", ", filesByFamily.Select(files => files.Key))})");
                catalogue._faces.AddRange(Spread(kept, MaximumFacesPerFamily));
            }
        }

        // Both tables are kept true: a line that matches nothing is a misspelling or a font that has changed.
        if (emptyFamilies.Count > 0)
            throw new InvalidOperationException($"families.csv: nothing can be drawn of {string.Join("; ", emptyFamilies)}.");
        if (unusedExclusions.Count > 0)
            throw new InvalidOperationException($"excluded.csv: no such face or family: {string.Join(", ", unusedExclusions.Order())}.");
        catalogue.LimitDesigns();
        return catalogue;
    }

    private FontFace? Accept(
        FamilyEntry family, string path, IReadOnlyDictionary<string, string> exclusions, HashSet<string> signatures)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (exclusions.TryGetValue(name, out var reason) || exclusions.TryGetValue(family.Name, out reason))
            return Refuse(name, reason);
        if (FontFace.Load(family, path) is not { } face)
            return Refuse(name, "a letter from A to J is missing");
        if (!LetterPainter.IsDrawable(face))
            return Refuse(name, "strokes too thin for 32 pixels");
        if (!signatures.Add(face.Signature))
            return Refuse(name, "same outlines as a face already taken");
        // Some packages bring one face twice, as .otf and .ttf, with curves of different kinds.
        return _names.Add(name) ? face : Refuse(name, "same name as a face already taken");
    }

    private FontFace? Refuse(string name, string reason)
    {
        _refusals.Add($"{name}: {reason}");
        return null;
    }

    // Takes turns among the families of a design, so that the first family listed does not crowd out the others.
    private void LimitDesigns()
    {
        var limited = _faces
            .GroupBy(face => face.Family.Design, StringComparer.Ordinal)
            .SelectMany(design => design
                .GroupBy(face => face.Family.Name, StringComparer.Ordinal)
                .SelectMany(family => family.Select((face, turn) => (face, turn)))
                .OrderBy(entry => entry.turn)
                .Take(MaximumFacesPerDesign)
                .Select(entry => entry.face))
            .OrderBy(face => face.Family.Design, StringComparer.Ordinal)
            .ThenBy(face => face.Family.Name, StringComparer.Ordinal)
            .ThenBy(face => face.Name, StringComparer.Ordinal)
            .ToList();
        _faces.Clear();
        _faces.AddRange(limited);
    }

    // Evenly over slant, width and weight: the lightest upright and the heaviest italic are kept, neighbours are skipped.
    private static IEnumerable<FontFace> Spread(List<FontFace> faces, int maximum)
    {
        var ordered = faces.OrderBy(face => face.Slant).ThenBy(face => face.Width).ThenBy(face => face.Weight)
            .ThenBy(face => face.Name, StringComparer.Ordinal).ToList();
        return ordered.Count <= maximum
            ? ordered
            : Enumerable.Range(0, maximum).Select(index => ordered[index * (ordered.Count - 1) / (maximum - 1)]);
    }
}

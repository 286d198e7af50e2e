using System.Reflection;

namespace Letters;

/// <summary>Reads the two tables kept beside this source: the families allowed, and the faces and families refused by eye.</summary>
internal static class FontTables
{
    public static IReadOnlyList<FamilyEntry> ReadFamilies()
        => [.. ReadRows("families.csv", 5).Select(row => new FamilyEntry(row[0], row[1], row[2], row[3], row[4]))];

    /// <summary>Face name (the file's name without extension) or family name, to the reason it is not drawn.</summary>
    public static IReadOnlyDictionary<string, string> ReadExclusions()
        => ReadRows("excluded.csv", 2).ToDictionary(row => row[0], row => row[1], StringComparer.Ordinal);

    private static IEnumerable<string[]> ReadRows(string table, int columns)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(table)
            ?? throw new InvalidOperationException($"{table} is not embedded in this assembly.");
        using var reader = new StreamReader(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            // The last column takes the rest of the line, so that a reason may contain commas.
            var row = line.Split(',', columns);
            if (row.Length != columns)
                throw new InvalidDataException($"{table}: expected {columns} columns, got '{line}'.");
            yield return row;
        }
    }
}

using Samples.PaperStudy.Cells;
using Tooling.CommandLine;

namespace Samples.PaperStudy.Results;

/// <summary>The finished cells in the output folder, one file each.</summary>
public sealed class ResultStore
{
    private readonly OutputFolder output;
    private readonly Func<Cell, CellSettings> settingsOf;
    private readonly string folder;

    /// <param name="output">Holds or gets the folder <c>cells</c>.</param>
    /// <param name="settingsOf">What a cell's settings are in this study.</param>
    public ResultStore(OutputFolder output, Func<Cell, CellSettings> settingsOf)
    {
        this.output = output;
        this.settingsOf = settingsOf;
        folder = Directory.CreateDirectory(Path.Combine(output.Path, "cells")).FullName;
    }

    /// <summary>The result of a cell with one seed, or null where there is none.</summary>
    /// <exception cref="InvalidDataException">There is one with other settings.</exception>
    public CellResult? Find(Cell cell, int seed)
    {
        var path = Path.Combine(output.Path, NameOf(cell.Name, seed));
        if (!File.Exists(path))
            return null;
        var result = ResultJson.Read<CellResult>(path);
        return result.Settings.DifferenceTo(settingsOf(cell)) is { } difference
            ? throw new InvalidDataException($"'{path}' was made with other settings: {difference}. Choose another --output folder, or give the settings of the cells there.")
            : result;
    }

    public void Write(CellResult result) => output.Write(NameOf(result.Cell, result.Seed), path => ResultJson.Write(path, result));

    /// <summary>Whoever made them: all results of these cells, and in words what lies there that belongs to another study.</summary>
    public (IReadOnlyList<CellResult> Results, IReadOnlyList<string> LeftOut) All(IReadOnlyList<Cell> cells)
    {
        var (results, leftOut) = (new List<CellResult>(), new List<string>());
        foreach (var path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var result = ResultJson.Read<CellResult>(path);
            var cell = cells.FirstOrDefault(cell => cell.Name == result.Cell);
            if (cell is null)
                leftOut.Add($"{Path.GetFileName(path)}: no cell of this study");
            else if (result.Settings.DifferenceTo(settingsOf(cell)) is { } difference)
                leftOut.Add($"{Path.GetFileName(path)}: {difference}");
            else
                results.Add(result);
        }
        return (results, leftOut);
    }

    private static string NameOf(string cell, int seed) => Path.Combine("cells", $"{cell}-seed{seed}.json");
}

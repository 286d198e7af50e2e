namespace Samples.ScoreInPlainApp;

/// <summary>What the command line says.</summary>
public sealed record Arguments(string Model, IReadOnlyList<string> Paths, string? Csv)
{
    private const string Usage = "Usage: ScoreInPlainApp MODEL.ZIP IMAGE-OR-FOLDER... [--csv FILE]";

    /// <exception cref="ArgumentException">The command line is not of the form; the message says which is.</exception>
    public static Arguments Parse(string[] arguments)
    {
        var names = new List<string>();
        string? csv = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--csv" && i + 1 < arguments.Length)
                csv = arguments[++i];
            else if (arguments[i].StartsWith("--", StringComparison.Ordinal))
                throw new ArgumentException($"'{arguments[i]}' is not understood. {Usage}");
            else
                names.Add(arguments[i]);
        }
        if (names.Count < 2)
            throw new ArgumentException($"A model and at least one image are needed. {Usage}");
        return File.Exists(names[0]) ? new Arguments(names[0], names[1..], csv) : throw new FileNotFoundException($"There is no model '{names[0]}'. {Usage}");
    }
}

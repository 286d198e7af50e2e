using System.Globalization;

namespace Tooling.CommandLine;

/// <summary>Lists as a person types them: <c>8,14,20</c>.</summary>
public static class ListOption
{
    /// <summary>Each number once, rising.</summary>
    /// <exception cref="ArgumentException">A part is no whole number from 0.</exception>
    public static IReadOnlyList<int> Numbers(string text, string option) =>
        [.. Words(text, option).Select(word => Number(word, option)).Distinct().Order()];

    /// <summary>Each word once, in the order given.</summary>
    /// <exception cref="ArgumentException">There is no word.</exception>
    public static IReadOnlyList<string> Words(string text, string option)
    {
        string[] words = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        return words.Length > 0 ? words : throw new ArgumentException($"{option} is '{text}'; expected a list with commas between its parts.");
    }

    private static int Number(string word, string option) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"{option} has '{word}' in it; expected whole numbers from 0 with commas between them.");
}

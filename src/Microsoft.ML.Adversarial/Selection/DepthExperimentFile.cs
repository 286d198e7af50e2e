using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Adversarial;

/// <summary>What an experiment leaves beside the checkpoints of its runs, so that it goes on as itself: its seed and what it is.</summary>
internal static class DepthExperimentFile
{
    private const string Name = "experiment.json";

    public static bool IsIn(string directory) => File.Exists(Path.Combine(directory, Name));

    /// <summary>Reads or writes the file.</summary>
    /// <param name="directory">Made where it does not exist.</param>
    /// <param name="settings">The experiment's.</param>
    /// <param name="drawSeed">Asked where neither the settings nor the file state a seed.</param>
    /// <returns>The seed that the experiment goes on with.</returns>
    /// <exception cref="InvalidDataException">The file is damaged, or of another experiment: the message says what differs, the seed first.</exception>
    public static int SeedIn(string directory, DepthExperimentSettings settings, Func<int> drawSeed)
    {
        var path = Path.Combine(Directory.CreateDirectory(directory).FullName, Name);
        if (!File.Exists(path))
        {
            var seed = settings.Training.Seed ?? drawSeed();
            CompleteFile.Write(path, stream => JsonSerializer.Serialize(stream, new Content(seed, [.. settings.Identity.Entries], HashOf(seed, settings.Identity.Entries))));
            return seed;
        }
        var there = Read(path);
        if ((settings.Training.Seed is { } stated && stated != there.Seed ? FormattableString.Invariant($"its seed is {there.Seed} there, {stated} here") : null)
            is { } difference || (difference = Identity.Difference(there.Settings!, settings.Identity.Entries)!) is not null)
            throw new InvalidDataException($"'{path}' belongs to another experiment: {difference}. Go on with what it was made with, or choose another CheckpointDirectory.");
        return there.Seed;
    }

    private static Content Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (JsonSerializer.Deserialize<Content>(stream) is { Settings: not null } content && content.Hash == HashOf(content.Seed, content.Settings))
                return content;
            throw new InvalidDataException($"'{path}' is damaged: it is not what an experiment wrote. Choose another CheckpointDirectory.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is damaged: {exception.Message}", exception);
        }
    }

    private static string HashOf(int seed, IEnumerable<KeyValuePair<string, string>> settings) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\n{string.Join('\n', settings.Select(entry => $"{entry.Key}={entry.Value}"))}"))));

    private sealed record Content(int Seed, KeyValuePair<string, string>[]? Settings, string? Hash);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What an evaluation has done, so that one that was killed goes on: a line of JSON that says what is evaluated, then one for every piece of work. Lines are only
/// appended, each with a hash of it and of the line before, and a last line that was cut off does not count.
/// </summary>
internal sealed class EvaluationStateFile : IEvaluationState, IDisposable
{
    private const string Format = "Microsoft.ML.Adversarial evaluation, version 2";

    /// <summary>Digits of a line's hash, behind a blank at its end.</summary>
    private const int HashLength = 16;

    /// <summary>How a first line begins.</summary>
    private static readonly byte[] Beginning = Encoding.UTF8.GetBytes($"{{\"{nameof(EvaluationSetup.Format)}\":\"{Format}\"");

    // Logits may be infinite, or no numbers.
    internal static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly string path;
    private readonly FileStream stream;
    private readonly EvaluatedWork done;
    private string lastHash = "";

    private EvaluationStateFile(string path, FileStream stream)
    {
        this.path = path;
        this.stream = stream;
        done = new EvaluatedWork($"The evaluation state '{path}'");
    }

    /// <summary>What was done before the file was opened.</summary>
    public IReadOnlyCollection<EvaluatedImages> Done => done.All;

    /// <summary>Opens the file, or begins it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="setup">What is evaluated; a file that says otherwise is refused by the name of what differs. A seed of null takes the file's.</param>
    /// <param name="newSeed">The seed where neither the setup nor a file has one.</param>
    /// <returns>The file, which no other process can open meanwhile, and the seed.</returns>
    /// <exception cref="InvalidDataException">The file is no state file, or one of another evaluation.</exception>
    /// <exception cref="IOException">The file cannot be read or written, or another evaluation has it open.</exception>
    public static (EvaluationStateFile File, int Seed) Open(string path, EvaluationSetup setup, Func<int> newSeed)
    {
        var stream = OpenAlone(path);
        try
        {
            var file = new EvaluationStateFile(path, stream);
            var (lines, complete) = file.ReadCompleteLines();
            if (lines.Count == 0)
            {
                stream.SetLength(0);
                var seed = setup.Seed ?? newSeed();
                file.AppendLine(JsonSerializer.Serialize(setup with { Format = Format, Seed = seed }, Json));
                return (file, seed);
            }
            var before = file.Parse<EvaluationSetup>(lines[0], 1);
            if (before.Format != Format)
                throw new InvalidDataException($"The evaluation state '{path}' begins with the format '{before.Format}'; expected '{Format}'.");
            if (setup.DifferenceFrom(before) is { } difference)
                throw new InvalidDataException($"The evaluation state '{path}' is of another evaluation: {difference}. Delete it, or evaluate what it is of.");
            for (var i = 1; i < lines.Count; i++)
                file.done.Add(file.Parse<EvaluatedImages>(lines[i], i + 1));
            var itsSeed = before.Seed ?? throw new InvalidDataException($"The evaluation state '{path}' states no seed.");
            // A last line that was cut off goes only now that the file is known to be the evaluation's own.
            stream.SetLength(complete);
            stream.Position = complete;
            return (file, itsSeed);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public EvaluatedImages? Find(long firstRow, int condition, int member, string batch, long[] positions) => done.Find(firstRow, condition, member, batch, positions);

    /// <exception cref="IOException">The disk is full; the file is complete up to the line before.</exception>
    public void Append(EvaluatedImages images) => AppendLine(JsonSerializer.Serialize(images, Json));

    public void Dispose() => stream.Dispose();

    private static FileStream OpenAlone(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The evaluation state '{path}' cannot be opened; expected a file that may be written, in a folder that is there, and no other evaluation that has it open. {exception.Message}", exception);
        }
    }

    /// <returns>The lines but for a last one without an end, and the bytes that they take.</returns>
    /// <exception cref="InvalidDataException">There is no whole line, and what there is does not begin as one.</exception>
    private (List<string> Lines, int Complete) ReadCompleteLines()
    {
        var lines = new List<string>();
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var begin = 0;
        for (var end = Array.IndexOf(bytes, (byte)'\n'); end >= 0; end = Array.IndexOf(bytes, (byte)'\n', begin))
        {
            lines.Add(Encoding.UTF8.GetString(bytes, begin, end - begin));
            begin = end + 1;
        }
        var known = Math.Min(bytes.Length, Beginning.Length);
        if (lines.Count == 0 && !bytes.AsSpan(0, known).SequenceEqual(Beginning.AsSpan(0, known)))
            throw NoState(1, null);
        return (lines, begin);
    }

    private void AppendLine(string line)
    {
        var (before, hash) = (stream.Position, HashOf(line));
        try
        {
            stream.Write(Encoding.UTF8.GetBytes($"{line} {hash}\n"));
            stream.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            stream.SetLength(before);
            throw;
        }
        lastHash = hash;
    }

    private string HashOf(string line) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lastHash + line)))[..HashLength];

    /// <summary>Lines are parsed in their order: each is sealed together with the one before.</summary>
    private T Parse<T>(string line, int number)
    {
        var end = line.Length - HashLength - 1;
        if (end < 0 || line[end] != ' ')
            throw NoState(number, null);
        var (content, hash) = (line[..end], line[(end + 1)..]);
        if (HashOf(content) != hash)
            throw new InvalidDataException($"The evaluation state '{path}' is damaged: line {number} is not what was written (its hash differs). Delete the file to evaluate anew, or cut it off before that line.");
        lastHash = hash;
        try
        {
            return JsonSerializer.Deserialize<T>(content, Json) ?? throw NoState(number, null);
        }
        catch (JsonException exception)
        {
            throw NoState(number, exception);
        }
    }

    private InvalidDataException NoState(int line, Exception? cause) =>
        new($"'{path}' is no evaluation state: line {line} is not what an evaluation writes. Give another path, or delete the file.", cause);
}

using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A hash that a file carries of itself: 64 hexadecimal digits of SHA-256 over all of its bytes, these digits being zeros, within its first or its last kilobyte.
/// Whoever reads the file checks it first, so that a turned bit is a refusal and not another model.
/// </summary>
internal static class Seal
{
    private const string Mark = "Microsoft.ML.Adversarial sha256:";

    private const int Digits = 64, Window = 1024;

    /// <summary>What a writer puts where the seal is to be.</summary>
    public static string Blank { get; } = $"{Mark}{new string('0', Digits)} version:{typeof(Seal).Assembly.GetName().Version?.ToString(3)};";

    /// <summary>Makes the blank of a complete file its seal.</summary>
    /// <param name="file">Can be read, written and sought; afterwards at its end.</param>
    /// <returns>Whether there is one to make.</returns>
    public static bool Set(Stream file)
    {
        if (Find(file) is not { } place)
            return false;
        var hash = Hash(file, place.Begin);
        file.Position = place.Begin;
        file.Write(Encoding.ASCII.GetBytes(hash));
        file.Position = file.Length;
        return true;
    }

    /// <param name="file">Can be read and sought; afterwards at its beginning.</param>
    /// <param name="name">For messages.</param>
    /// <returns>The hash and the version of the library that wrote the file; null where the file has no seal.</returns>
    /// <exception cref="InvalidDataException">The file is not as it was written.</exception>
    public static (string Hash, string Version)? Check(Stream file, string name)
    {
        var place = Find(file);
        var hash = place is null ? null : Hash(file, place.Value.Begin);
        file.Position = 0;
        if (place is not { } found)
            return null;
        return found.Digits == hash
            ? (hash, found.Version)
            : throw new InvalidDataException($"'{name}' is damaged: the hash of its content is {hash}, and it was written with {found.Digits}. Take it from where it was copied, or write it again.");
    }

    /// <exception cref="InvalidDataException">The file is not as it was written, or has no seal.</exception>
    /// <inheritdoc cref="Check" path="/param"/>
    public static (string Hash, string Version) Demand(Stream file, string name) => Check(file, name)
        ?? throw new InvalidDataException($"'{name}' is no file of this library as it was written: it carries no hash of its content. It was cut short, or comes from another program, or from an earlier version of the library; from that, write it again.");

    /// <summary>At the end stands what ONNX files and zips note last, at the beginning what safetensors files note first.</summary>
    private static (long Begin, string Digits, string Version)? Find(Stream file)
    {
        foreach (var start in (long[])[Math.Max(0, file.Length - Window), 0])
        {
            file.Position = start;
            var bytes = new byte[Math.Min(Window, file.Length - start)];
            file.ReadExactly(bytes);
            // Latin-1 has a letter for each byte.
            var text = Encoding.Latin1.GetString(bytes);
            var mark = text.LastIndexOf(Mark, StringComparison.Ordinal);
            var digits = mark + Mark.Length;
            if (mark < 0 || digits + Digits > text.Length)
                continue;
            var version = text[(digits + Digits)..].Split(';')[0].Split(':')[^1];
            return (start + digits, text[digits..(digits + Digits)], version);
        }
        return null;
    }

    private static string Hash(Stream file, long begin)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        file.Position = 0;
        for (var position = 0L; file.Read(buffer) is var count and > 0; position += count)
        {
            for (var digit = Math.Max(begin, position); digit < Math.Min(begin + Digits, position + count); digit++)
                buffer[digit - position] = (byte)'0';
            hash.AppendData(buffer, 0, count);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Adversarial;

/// <summary>Whether a zip that ML.NET wrote is as it was written: sizes, CRC-32 and both places of each name.</summary>
/// <remarks>.NET reads an entry without comparing its CRC-32, and takes names from the directory at the end alone.</remarks>
internal static class WholeZip
{
    private const int LocalHeader = 30, Descriptor = 16;

    private static readonly uint[] Remainders = [.. Enumerable.Range(0, 256).Select(value => Enumerable.Range(0, 8).Aggregate((uint)value, (rest, _) => (rest >> 1) ^ ((rest & 1) * 0xedb88320)))];

    /// <param name="stream">Can be sought; stays open, afterwards at its beginning.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="InvalidDataException">This is no zip, or an entry is damaged: the message names it.</exception>
    public static void Check(Stream stream, string file)
    {
        (string Entry, string What)? damage;
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            damage = Damage(zip) ?? MisnamedEntry(zip, stream);
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or IOException or ArgumentException)
        {
            throw new InvalidDataException($"'{file}' is no readable zip: {exception.Message}", exception);
        }
        if (damage is { } found)
            throw new InvalidDataException($"'{file}' is damaged: its entry {found.Entry} {found.What}. Take it from where it was copied, or save the model again.");
        stream.Position = 0;
    }

    private static (string Entry, string What)? Damage(ZipArchive zip)
    {
        var buffer = new byte[1 << 16];
        foreach (var entry in zip.Entries)
        {
            using var content = entry.Open();
            var (rest, length) = (uint.MaxValue, 0L);
            while (content.Read(buffer) is var count and > 0)
            {
                foreach (var value in buffer.AsSpan(0, count))
                    rest = (rest >> 8) ^ Remainders[(byte)rest ^ value];
                length += count;
            }
            if (length != entry.Length)
                return (entry.FullName, $"has {length} bytes; expected {entry.Length}");
            if (~rest != entry.Crc32)
                return (entry.FullName, $"has the CRC-32 {~rest:x8}; expected {entry.Crc32:x8}");
        }
        return null;
    }

    /// <summary>A name stands before the entry's bytes and in the directory; a part that is looked for in vain by its name may be an optional one to ML.NET.</summary>
    private static (string Entry, string What)? MisnamedEntry(ZipArchive zip, Stream stream)
    {
        Span<byte> header = stackalloc byte[LocalHeader];
        var position = 0L;
        foreach (var entry in zip.Entries)
        {
            stream.Position = position;
            stream.ReadExactly(header);
            if (header[..4].SequenceEqual("PK\u0007\u0008"u8))
            {
                stream.Position = position += Descriptor;
                stream.ReadExactly(header);
            }
            var name = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header[26..])];
            stream.ReadExactly(name);
            if (!header[..4].SequenceEqual("PK\u0003\u0004"u8) || Encoding.UTF8.GetString(name) != entry.FullName)
                return (entry.FullName, $"is called '{Encoding.UTF8.GetString(name)}' where it begins");
            position += LocalHeader + name.Length + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]) + entry.CompressedLength;
        }
        return null;
    }
}

using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What a safetensors file says it holds: eight bytes with the header's length, the header in JSON, the numbers (huggingface/safetensors, "Format"). Everything is
/// checked before a tensor is allocated, so that a hostile file costs no more memory than its header.
/// </summary>
internal sealed class SafeTensorsHeader
{
    public const string MetadataName = "__metadata__";

    /// <summary>Of the metadata, what holds a <see cref="Seal"/>.</summary>
    public const string SealName = "seal";

    /// <summary>Thousands of tensors need some hundred kilobytes.</summary>
    private const int LargestHeader = 16 << 20;

    private const int MostDimensions = 16;

    private static readonly Dictionary<string, (ScalarType Type, int Bytes)> Types = new(StringComparer.Ordinal)
    {
        ["F64"] = (ScalarType.Float64, 8),
        ["F32"] = (ScalarType.Float32, 4),
        ["F16"] = (ScalarType.Float16, 2),
        ["BF16"] = (ScalarType.BFloat16, 2),
        ["I64"] = (ScalarType.Int64, 8),
        ["I32"] = (ScalarType.Int32, 4),
    };

    private SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> entries, IReadOnlyList<KeyValuePair<string, string>> metadata) => (Entries, Metadata) = (entries, metadata);

    /// <summary>In the order in which their numbers follow each other, without gap or overlap.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries { get; }

    /// <summary>What the file says beside its tensors, by names, in its order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; }

    /// <summary>The format's name of a type that is written here.</summary>
    public static string NameOf(ScalarType type) => Types.First(entry => entry.Value.Type == type).Key;

    /// <param name="stream">At the file's beginning; afterwards at its first number.</param>
    /// <param name="length">Of the whole file.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="InvalidDataException">This is no safetensors file, or one that contradicts itself.</exception>
    public static SafeTensorsHeader Read(Stream stream, long length, string file)
    {
        Span<byte> size = stackalloc byte[sizeof(ulong)];
        if (length < sizeof(ulong) || stream.ReadAtLeast(size, sizeof(ulong), throwOnEndOfStream: false) < sizeof(ulong))
            throw Bad(file, $"it has {length} bytes; expected at least the 8 of the header's length");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(size);
        if (headerLength > (ulong)Math.Min(LargestHeader, length - sizeof(ulong)))
            throw Bad(file, $"its header claims {headerLength} bytes; expected at most {Math.Min(LargestHeader, length - sizeof(ulong))}");
        var bytes = new byte[headerLength];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw Bad(file, "it ends within its header");
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 8 });
            return Parse(json.RootElement, length - sizeof(ulong) - (long)headerLength, file);
        }
        catch (JsonException exception)
        {
            throw Bad(file, "its header is no JSON: " + exception.Message);
        }
    }

    private static SafeTensorsHeader Parse(JsonElement root, long dataLength, string file)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Bad(file, "its header is no JSON object");
        var entries = new List<SafeTensorsEntry>();
        IReadOnlyList<KeyValuePair<string, string>> metadata = [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            var name = Text(() => property.Name, file);
            if (!names.Add(name))
                throw Bad(file, $"it names '{Shown(name)}' twice");
            if (name == MetadataName)
                metadata = ReadMetadata(property.Value, file);
            else
                entries.Add(Entry(name, property.Value, file));
        }
        entries.Sort((left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        var position = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != position)
                throw Bad(file, $"the numbers of '{Shown(entry.Name)}' begin at {entry.Begin}; expected {position}, where those before them end");
            position = entry.End;
        }
        if (position != dataLength)
            throw Bad(file, $"its tensors take {position} bytes and it has {dataLength} for them");
        return new SafeTensorsHeader(entries, metadata);
    }

    private static SafeTensorsEntry Entry(string name, JsonElement element, string file)
    {
        if (element.ValueKind != JsonValueKind.Object
            || !element.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !element.TryGetProperty("shape", out var shapeElement) || Numbers(shapeElement, MostDimensions) is not { } shape
            || !element.TryGetProperty("data_offsets", out var offsetsElement) || Numbers(offsetsElement, 2) is not [var begin, var end])
            throw Bad(file, $"'{Shown(name)}' has no dtype, shape and data_offsets as the format wants them");
        var typeName = Text(() => dtype.GetString()!, file);
        if (!Types.TryGetValue(typeName, out var type))
            throw Bad(file, $"'{Shown(name)}' has the type '{Shown(typeName)}'; expected one of {string.Join(", ", Types.Keys)}");
        if (end < begin || Bytes(shape, type.Bytes) != end - begin)
            throw Bad(file, $"'{Shown(name)}' of {typeName} [{string.Join(", ", shape)}] does not take the bytes from {begin} to {end}");
        return new SafeTensorsEntry(name, type.Type, shape, begin, end);
    }

    /// <summary>Whole numbers from 0; null for anything else.</summary>
    private static long[]? Numbers(JsonElement element, int most)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() > most)
            return null;
        var numbers = new List<long>();
        foreach (var item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
                return null;
            numbers.Add(number);
        }
        return [.. numbers];
    }

    /// <summary>-1 where there are too many to count.</summary>
    private static long Bytes(long[] shape, int each)
    {
        try
        {
            return shape.Aggregate((long)each, (bytes, size) => checked(bytes * size));
        }
        catch (OverflowException)
        {
            return -1;
        }
    }

    private static List<KeyValuePair<string, string>> ReadMetadata(JsonElement element, string file)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Bad(file, "its metadata are no JSON object");
        var metadata = new List<KeyValuePair<string, string>>();
        foreach (var property in element.EnumerateObject())
        {
            var name = Text(() => property.Name, file);
            metadata.Add(property.Value.ValueKind == JsonValueKind.String
                ? KeyValuePair.Create(name, Text(() => property.Value.GetString()!, file))
                : throw Bad(file, $"its metadata '{Shown(name)}' are no text"));
        }
        return metadata;
    }

    /// <summary>JSON may hold halves of surrogate pairs, which no text can.</summary>
    private static string Text(Func<string> read, string file)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Bad(file, "its header holds text that is no Unicode");
        }
    }

    private static string Shown(string name) => name.Length > 100 ? name[..100] + "..." : name;

    private static InvalidDataException Bad(string file, string what) => new($"'{file}' is no valid safetensors file: {what}.");
}

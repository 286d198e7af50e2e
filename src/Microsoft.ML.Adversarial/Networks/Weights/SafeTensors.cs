using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Named tensors as safetensors files hold them; see <see cref="SafeTensorsHeader"/>.</summary>
internal static class SafeTensors
{
    private const int Alignment = 8;

    /// <summary>A file that stands alone, with a <see cref="Seal"/> in its metadata, which other readers pass over.</summary>
    /// <param name="stream">Receives the file, its only content; can be sought and stays open.</param>
    /// <param name="tensors">float32 or int64, on any device.</param>
    /// <param name="description">What else the metadata say, by names other than <see cref="SafeTensorsHeader.SealName"/>.</param>
    public static void WriteSealed(Stream stream, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IEnumerable<KeyValuePair<string, string>> description)
    {
        // The seal is looked for in the first kilobyte.
        Write(stream, tensors, [KeyValuePair.Create(SafeTensorsHeader.SealName, Seal.Blank), .. description]);
        Seal.Set(stream);
    }

    /// <summary>A part of a file that has a seal for all of it.</summary>
    /// <param name="stream">Receives the part; stays open.</param>
    /// <param name="tensors">float32 or int64, on any device.</param>
    public static void Write(Stream stream, IReadOnlyList<(string Name, Tensor Tensor)> tensors) => Write(stream, tensors, []);

    private static void Write(Stream stream, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
            WriteHeader(writer, tensors, metadata);
        // The format pads its header with spaces so that the numbers are aligned.
        while (json.Length % Alignment != 0)
            json.WriteByte((byte)' ');
        Span<byte> size = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(size, (ulong)json.Length);
        stream.Write(size);
        json.WriteTo(stream);
        foreach (var (_, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            stream.Write(tensor.detach().cpu().contiguous().bytes);
        }
    }

    /// <summary>Reads the numbers behind a header, tensor by tensor in the header's order.</summary>
    /// <param name="stream">At the first number.</param>
    /// <param name="header">Read from the same stream.</param>
    /// <param name="use">Gets each tensor on the CPU in its own type; it lives during the call.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="InvalidDataException">The file ends too soon.</exception>
    public static void Read(Stream stream, SafeTensorsHeader header, string file, Action<SafeTensorsEntry, Tensor> use)
    {
        using var noGradient = no_grad();
        foreach (var entry in header.Entries)
        {
            using var scope = NewDisposeScope();
            var tensor = empty(entry.Shape, entry.Type);
            var bytes = tensor.bytes;
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw new InvalidDataException($"'{file}' ends within the numbers of '{entry.Name}'.");
            use(entry, tensor);
        }
    }

    private static void WriteHeader(Utf8JsonWriter writer, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        writer.WriteStartObject();
        if (metadata.Count > 0)
        {
            writer.WriteStartObject(SafeTensorsHeader.MetadataName);
            foreach (var (name, text) in metadata)
                writer.WriteString(name, text);
            writer.WriteEndObject();
        }
        var position = 0L;
        foreach (var (name, tensor) in tensors)
        {
            var bytes = tensor.numel() * tensor.ElementSize;
            writer.WriteStartObject(name);
            writer.WriteString("dtype", SafeTensorsHeader.NameOf(tensor.dtype));
            writer.WriteStartArray("shape");
            foreach (var dimension in tensor.shape)
                writer.WriteNumberValue(dimension);
            writer.WriteEndArray();
            writer.WriteStartArray("data_offsets");
            writer.WriteNumberValue(position);
            writer.WriteNumberValue(position += bytes);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}

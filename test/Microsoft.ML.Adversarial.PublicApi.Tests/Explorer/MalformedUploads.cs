using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>Uploads that are not what they should be, each made anew from a number.</summary>
internal static class MalformedUploads
{
    private const int Varint = 0, Bytes = 2;

    /// <summary>A file that no image decoder takes, or that is larger than may be decoded.</summary>
    /// <param name="number">Which.</param>
    /// <param name="image">A whole PNG.</param>
    public static (string Kind, byte[] Content) OfImage(int number, byte[] image)
    {
        var random = new Random(number);
        return (number % 8) switch
        {
            0 => ("a truncated image", image[..random.Next(1, image.Length - 20)]),
            1 => ("a header of huge dimensions", Png(random.Next(5_000, int.MaxValue), random.Next(5_000, int.MaxValue))),
            2 => ("a decompression bomb", Png(2_100, 2_100, compressed: Zeros(60_000_000))),
            3 => ("a bomb that says what it is", Png(60_000, 60_000, compressed: Zeros(10_000_000))),
            4 => ("text", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<svg onload=alert(1)>", random.Next(1, 500))))),
            5 => ("noise", Noise(random, random.Next(1, 50_000))),
            6 => ("a wrong type", [.. "GIF89a"u8, .. Noise(random, random.Next(0, 7))]),
            _ => ("a header without a body", [.. image.AsSpan(0, 33), .. Noise(random, random.Next(0, 500))]),
        };
    }

    /// <summary>A file that is no network, or none that can be trusted.</summary>
    /// <param name="number">Which.</param>
    /// <param name="onnx">A whole ONNX file.</param>
    /// <param name="zip">A whole model.zip.</param>
    public static (string Kind, byte[] Content) OfModel(int number, byte[] onnx, byte[] zip)
    {
        var random = new Random(number);
        return (number % 10) switch
        {
            0 => ("a truncated network", onnx[..random.Next(1, onnx.Length)]),
            1 => ("a network with a changed byte", Changed(onnx, random)),
            2 => ("a truncated zip", zip[..random.Next(4, zip.Length)]),
            3 => ("a zip bomb", Zip("OnnxModel", new byte[80_000_000])),
            4 => ("a zip without a network", Zip("Model.key", Noise(random, 1000))),
            5 => ("a zip with a network of another length", Zip("TransformerChain/Transform_000/OnnxModel", Noise(random, random.Next(1, 10_000)))),
            6 => ("noise", Noise(random, random.Next(1, 50_000))),
            7 => ("a graph of an unknown operator", Graph(Node("Evil", "Features", "Score"))),
            8 => ("weights of huge dimensions", Graph([.. Node("MatMul", "Features", "Score"), .. Field(5, [.. Number(1, 1L << random.Next(30, 62)), .. Number(1, 1L << 20), .. Number(2, 1), .. Field(8, "weights"u8), .. Field(9, Noise(random, 16))])])),
            _ => ("weights in another file", Graph([.. Node("MatMul", "Features", "Score"), .. Field(5, [.. Number(1, 4), .. Number(2, 1), .. Field(8, "weights"u8), .. Field(13, [.. Field(1, "location"u8), .. Field(2, "../../../../etc/passwd"u8)]), .. Number(14, 1)])])),
        };
    }

    /// <summary>A PNG of one grey level for each pixel, whose header says these dimensions.</summary>
    public static byte[] Png(int width, int height, byte[]? compressed = null)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        compressed ??= Zeros(Math.Min(1_000_000, (long)(width + 1) * height));
        return [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, compressed), .. Chunk("IEND"u8, [])];
    }

    public static byte[] Zip(string entry, byte[] content)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create))
        using (var stream = zip.CreateEntry(entry, CompressionLevel.Fastest).Open())
            stream.Write(content);
        return memory.ToArray();
    }

    private static byte[] Chunk(ReadOnlySpan<byte> name, byte[] content)
    {
        byte[] body = [.. name, .. content];
        var (length, check) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(check, Check(body));
        return [.. length, .. body, .. check];
    }

    /// <summary>CRC-32, as PNG and zip have it.</summary>
    private static uint Check(byte[] bytes)
    {
        var rest = uint.MaxValue;
        foreach (var value in bytes)
        {
            rest ^= value;
            for (var bit = 0; bit < 8; bit++)
                rest = (rest >> 1) ^ ((rest & 1) * 0xedb88320);
        }
        return ~rest;
    }

    private static byte[] Zeros(long count)
    {
        using var memory = new MemoryStream();
        using (var zlib = new ZLibStream(memory, CompressionLevel.Fastest))
        {
            var zeros = new byte[1 << 16];
            for (var left = count; left > 0; left -= zeros.Length)
                zlib.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
        }
        return memory.ToArray();
    }

    private static byte[] Noise(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Changed(byte[] bytes, Random random)
    {
        byte[] changed = [.. bytes];
        changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
        return changed;
    }

    /// <summary>An ONNX model (version 8, opset 17) with these fields in its graph, beside the input and the output.</summary>
    private static byte[] Graph(byte[] fields) =>
        [.. Number(1, 8), .. Field(7, [.. fields, .. Field(2, "graph"u8), .. Field(11, Field(1, "Features"u8)), .. Field(12, Field(1, "Score"u8))]), .. Field(8, Number(2, 17))];

    private static byte[] Node(string operation, string input, string output) =>
        Field(1, [.. Field(1, Encoding.UTF8.GetBytes(input)), .. Field(2, Encoding.UTF8.GetBytes(output)), .. Field(4, Encoding.UTF8.GetBytes(operation))]);

    private static byte[] Number(int field, long value) => [(byte)(field << 3 | Varint), .. Encoded((ulong)value)];

    private static byte[] Field(int field, ReadOnlySpan<byte> content) => [(byte)(field << 3 | Bytes), .. Encoded((ulong)content.Length), .. content];

    private static byte[] Encoded(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}

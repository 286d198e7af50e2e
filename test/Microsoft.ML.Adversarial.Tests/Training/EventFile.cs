using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>One scalar of an event file.</summary>
internal sealed record ScalarEvent(string Tag, long Step, float Value, double WallTime);

/// <summary>
/// Reads TensorBoard's event files from their definition, without the classes that write them: records of TFRecord (length, masked CRC32C of the length, content, masked CRC32C
/// of the content), each an Event of event.proto (wall_time 1, step 2, file_version 3, summary 5) with values of summary.proto (tag 1, simple_value 2).
/// </summary>
internal static class EventFile
{
    public static (string Version, List<ScalarEvent> Scalars) Read(string path)
    {
        var file = File.ReadAllBytes(path).AsSpan();
        var version = "";
        var scalars = new List<ScalarEvent>();
        while (!file.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt64LittleEndian(file);
            Assert.Equal(Masked(file[..8]), BinaryPrimitives.ReadUInt32LittleEndian(file[8..]));
            var content = file.Slice(12, (int)length);
            Assert.Equal(Masked(content), BinaryPrimitives.ReadUInt32LittleEndian(file[(12 + (int)length)..]));
            var fields = Fields(content.ToArray());
            if (fields.TryGetValue(3, out var text))
                version = ((ByteString)text).ToStringUtf8();
            if (fields.TryGetValue(5, out var summary))
            {
                var value = Fields(((ByteString)Fields(((ByteString)summary).ToByteArray())[1]).ToByteArray());
                var step = fields.TryGetValue(2, out var number) ? (long)(ulong)number : 0;
                scalars.Add(new ScalarEvent(((ByteString)value[1]).ToStringUtf8(), step, (float)value.GetValueOrDefault(2, 0f), (double)fields[1]));
            }
            file = file[(16 + (int)length)..];
        }
        return (version, scalars);
    }

    private static Dictionary<int, object> Fields(byte[] message)
    {
        var fields = new Dictionary<int, object>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
            fields[WireFormat.GetTagFieldNumber(tag)] = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadDouble(),
                WireFormat.WireType.Fixed32 => input.ReadFloat(),
                _ => input.ReadBytes(),
            };
        return fields;
    }

    /// <summary>A checksum rotated by 15 bits and moved, so that checksums of checksums are none by chance.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var value in bytes)
            checksum = BitOperations.Crc32C(checksum, value);
        return BitOperations.RotateRight(~checksum, 15) + 0xa282ead8;
    }
}

using Google.Protobuf;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Fields of a message by number, for those which the library's part of the format may leave out: a message keeps what it does not know.</summary>
internal static class WireFormatBytes
{
    /// <summary>A text, a message, or packed numbers.</summary>
    public static byte[] Field(int number, ByteString content)
    {
        using var bytes = new MemoryStream();
        using (var stream = new CodedOutputStream(bytes, leaveOpen: true))
        {
            stream.WriteTag(number, WireFormat.WireType.LengthDelimited);
            stream.WriteBytes(content);
        }
        return bytes.ToArray();
    }

    /// <summary>Whole numbers as a packed field has them.</summary>
    public static ByteString Packed(params long[] values)
    {
        using var bytes = new MemoryStream();
        using (var stream = new CodedOutputStream(bytes, leaveOpen: true))
            foreach (var value in values)
                stream.WriteInt64(value);
        return ByteString.CopyFrom(bytes.ToArray());
    }
}

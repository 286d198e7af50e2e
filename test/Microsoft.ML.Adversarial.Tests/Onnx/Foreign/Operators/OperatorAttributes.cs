using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Onnx.Format.AttributeProto.Types;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Attributes of nodes, by what they hold.</summary>
internal static class OperatorAttributes
{
    public static AttributeProto Whole(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Wholes(string name, params long[] values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    public static AttributeProto Real(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    public static AttributeProto Reals(string name, params float[] values) => new() { Name = name, Type = AttributeType.Floats, Floats = { values } };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    /// <summary>Written as bytes (field 5 of the format, type 4), since the library's part of the format may leave tensors out.</summary>
    public static AttributeProto Tensor(string name, TensorProto value)
    {
        var attribute = new AttributeProto { Name = name, Type = (AttributeType)4 };
        attribute.MergeFrom(WireFormatBytes.Field(5, value.ToByteString()));
        return attribute;
    }
}

using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Reads a model whose large constants go straight from the file to torch's memory. Protobuf would hold each as an array of .NET first, and whoever reads those copies them again.
/// </summary>
internal sealed class OnnxParser
{
    private const int Large = 1 << 16;

    /// <summary>Fields of the format (onnx.proto): a model's graph, a graph's constants, a constant's numbers as bytes or, of float32, as a list, which are the same bytes.</summary>
    private const ulong Graph = 7, Initializer = 5, Raw = 9, Floats = 4;

    private const int Varint = 0, EightBytes = 1, Sized = 2, FourBytes = 5;

    private readonly Stream source;
    private readonly string name;

    /// <summary>By the number of the constant in the graph.</summary>
    private readonly Dictionary<int, Tensor> numbers = [];

    private int initializers;

    private OnnxParser(Stream source, string name) => (this.source, this.name) = (source, name);

    private enum Message
    {
        Model,
        Graph,
        Constant,
    }

    /// <param name="stream">Can be sought; is read to its end.</param>
    /// <param name="name">For messages.</param>
    /// <returns>The model, and beside it what it lacks, which no dispose scope owns: numbers of constants as float32, whatever they are.</returns>
    /// <exception cref="InvalidDataException">This is no model, or it was cut short.</exception>
    /// <exception cref="InvalidProtocolBufferException">This is no model.</exception>
    public static (ModelProto Model, Dictionary<TensorProto, Tensor> Numbers) Parse(Stream stream, string name)
    {
        var parser = new OnnxParser(stream, name);
        try
        {
            using var rest = new MemoryStream();
            parser.Copy(Message.Model, stream.Length, rest);
            rest.Position = 0;
            var model = ModelProto.Parser.ParseFrom(rest);
            return (model, parser.numbers.ToDictionary(entry => model.Graph.Initializer[entry.Key], entry => entry.Value, ReferenceEqualityComparer.Instance as IEqualityComparer<TensorProto>));
        }
        catch
        {
            foreach (var tensor in parser.numbers.Values)
                tensor.Dispose();
            throw;
        }
    }

    /// <summary>All fields up to the end, but for large numbers.</summary>
    private void Copy(Message message, long end, MemoryStream target)
    {
        using var output = new CodedOutputStream(target, leaveOpen: true);
        while (source.Position < end)
        {
            var tag = ReadVarint();
            var (field, kind) = (tag >> 3, (int)(tag & 7));
            var length = kind switch
            {
                Varint => 0,
                EightBytes => 8,
                FourBytes => 4,
                Sized => (long)Math.Min(ReadVarint(), long.MaxValue),
                _ => throw Bad($"it has a field of kind {kind}; expected numbers and bytes"),
            };
            if (length > end - source.Position)
                throw Bad($"{length} bytes are to follow at {source.Position}, of which {end - source.Position} are there");
            if (kind == Sized && message == Message.Constant && field is Raw or Floats && length >= Large && length % sizeof(float) == 0)
            {
                Keep(length);
                continue;
            }
            output.WriteUInt64(tag);
            if (kind == Varint)
                output.WriteUInt64(ReadVarint());
            else if (kind == Sized && (message, field) is (Message.Model, Graph) or (Message.Graph, Initializer))
                Nest(message == Message.Model ? Message.Graph : Message.Constant, source.Position + length, output);
            else
                CopyBytes(kind, length, output);
        }
        if (message == Message.Constant)
            initializers++;
    }

    private void Nest(Message message, long end, CodedOutputStream output)
    {
        using var nested = new MemoryStream();
        Copy(message, end, nested);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(nested.GetBuffer().AsMemory(0, (int)nested.Length)));
    }

    private void CopyBytes(int kind, long length, CodedOutputStream output)
    {
        var bytes = new byte[length];
        source.ReadExactly(bytes);
        if (kind == EightBytes)
            output.WriteFixed64(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        else if (kind == FourBytes)
            output.WriteFixed32(BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        else
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
    }

    private void Keep(long length)
    {
        if (numbers.ContainsKey(initializers))
            throw new InvalidDataException($"'{name}' has the numbers of a constant in several pieces; expected all of them together.");
        if (length > Array.MaxLength)
            throw new InvalidDataException($"'{name}' has a constant of {length} bytes; expected at most {Array.MaxLength}.");
        var kept = empty([length / sizeof(float)], float32);
        numbers.Add(initializers, kept.DetachFromDisposeScope());
        source.ReadExactly(kept.bytes);
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = source.ReadByte();
            if (next < 0)
                throw Bad("it ends within a number");
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw Bad("it has a number of more than 64 bits");
    }

    private InvalidDataException Bad(string what) => new($"'{name}' is no ONNX model and no model.zip, or was cut short: {what}.");
}

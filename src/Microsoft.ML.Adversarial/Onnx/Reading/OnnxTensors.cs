using System.Runtime.InteropServices;
using Google.Protobuf.Collections;
using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Onnx.Format.TensorProto.Types;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Numbers of a file as tensors: float16, bfloat16 and double become float32, whole numbers int64. Sizes are believed only where the bytes for them are there, before anything is
/// allocated. Numbers may be in files of their own in the same folder, as large models have them.
/// </summary>
internal sealed class OnnxTensors(OnnxFile file)
{
    private const int MostDimensions = 16;

    /// <returns>Not to be changed, since others may share its memory; no dispose scope owns it.</returns>
    /// <exception cref="InvalidDataException">It has not as many numbers as it says, or is of a type that is no number.</exception>
    public Tensor Read(TensorProto tensor)
    {
        var (type, size) = (DataType)tensor.DataType switch
        {
            DataType.Float => (float32, 4),
            DataType.Double => (float64, 8),
            DataType.Float16 => (float16, 2),
            DataType.Bfloat16 => (bfloat16, 2),
            DataType.Int64 or DataType.Uint64 => (int64, 8),
            DataType.Int32 => (int32, 4),
            DataType.Int16 => (int16, 2),
            DataType.Int8 => (int8, 1),
            DataType.Uint8 => (uint8, 1),
            DataType.Bool => (@bool, 1),
            var other => throw Refuse(tensor, $"is of type {other}", "numbers"),
        };
        using var scope = NewDisposeScope();
        var numbers = Count(tensor);
        if (type == float32 && file.Numbers.TryGetValue(tensor, out var kept) && kept.numel() == numbers)
            return kept.view([.. tensor.Dims]).DetachFromDisposeScope();
        var bytes = Bytes(tensor, size, numbers);
        // Not torch.tensor(array), which leaves the numbers where .NET put them: how a matrix product rounds depends on their alignment.
        var read = empty([.. tensor.Dims], type);
        bytes.CopyTo(read.bytes);
        read = type == @bool ? read : read.is_floating_point() ? read.to(float32) : read.to(int64);
        return read.DetachFromDisposeScope();
    }

    /// <summary>The numbers that the dimensions ask for.</summary>
    private long Count(TensorProto tensor)
    {
        if (tensor.Dims.Count > MostDimensions)
            throw Refuse(tensor, $"has {tensor.Dims.Count} dimensions", $"at most {MostDimensions}");
        var numbers = 1L;
        foreach (var dimension in tensor.Dims)
            numbers = dimension >= 0 && dimension <= int.MaxValue / Math.Max(numbers, 1) ? numbers * dimension : throw Refuse(tensor, $"has the shape [{string.Join(", ", tensor.Dims.Take(8))}]", "sizes from 0, of at most 2^31 numbers together");
        return numbers;
    }

    private ReadOnlySpan<byte> Bytes(TensorProto tensor, int size, long numbers)
    {
        if (numbers * size > Array.MaxLength)
            throw Refuse(tensor, $"has {numbers} numbers", $"at most {Array.MaxLength / size}");
        var bytes = file.Numbers.TryGetValue(tensor, out var kept) ? kept.bytes
            : tensor.DataLocation == DataLocation.External ? External(tensor, numbers * size)
            : tensor.RawData.Length > 0 ? tensor.RawData.Span
            : Listed(tensor, size);
        return bytes.Length == numbers * size
            ? bytes
            : throw Refuse(tensor, $"has the shape [{string.Join(", ", tensor.Dims.Take(8))}] and {bytes.Length} bytes", $"{numbers * size} bytes");
    }

    /// <summary>Numbers as fields of their own instead of bytes; small types are widened to int32 there.</summary>
    private static ReadOnlySpan<byte> Listed(TensorProto tensor, int size) => (DataType)tensor.DataType switch
    {
        DataType.Float => MemoryMarshal.AsBytes(Numbers(tensor.FloatData)),
        DataType.Double => MemoryMarshal.AsBytes(Numbers(tensor.DoubleData)),
        DataType.Int64 => MemoryMarshal.AsBytes(Numbers(tensor.Int64Data)),
        DataType.Uint64 => MemoryMarshal.AsBytes(Numbers(tensor.Uint64Data)),
        DataType.Int32 => MemoryMarshal.AsBytes(Numbers(tensor.Int32Data)),
        _ when size == 2 => MemoryMarshal.AsBytes(Numbers(tensor.Int32Data).ToArray().Select(number => (ushort)number).ToArray().AsSpan()),
        _ => Numbers(tensor.Int32Data).ToArray().Select(number => (byte)number).ToArray(),
    };

    private static ReadOnlySpan<T> Numbers<T>(RepeatedField<T> field)
    {
        var array = new T[field.Count];
        field.CopyTo(array, 0);
        return array;
    }

    private byte[] External(TensorProto tensor, long length)
    {
        var notes = tensor.ExternalData.DistinctBy(note => note.Key).ToDictionary(note => note.Key, note => note.Value);
        var location = notes.GetValueOrDefault("location", "");
        // Whatever a file says, nothing outside its own folder is read.
        if (file.Folder is not { } folder || location.Length == 0 || Path.IsPathRooted(location) || location.Split('/', '\\').Contains(".."))
            throw Refuse(tensor, $"is in another file, '{location}'", file.Folder is null ? "numbers in the file itself" : "a file in the same folder or below");
        var path = Path.Combine(folder, location);
        var offset = long.TryParse(notes.GetValueOrDefault("offset", "0"), out var begin) ? begin : -1;
        if (!File.Exists(path))
            throw Refuse(tensor, $"is in the file '{path}', which does not exist", "it beside the model");
        using var stream = File.OpenRead(path);
        if (offset < 0 || offset > stream.Length || stream.Length - offset < length || notes.TryGetValue("length", out var stated) && stated != FormattableString.Invariant($"{length}"))
            throw Refuse(tensor, $"is at {notes.GetValueOrDefault("offset", "0")} of '{path}', which has {stream.Length} bytes", $"{length} bytes there");
        stream.Position = offset;
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private InvalidDataException Refuse(TensorProto tensor, string what, string expected) => new($"'{file.Name}': the constant '{tensor.Name}' {what}; expected {expected}.");
}

using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The constants of an ONNX file by name, as exporters name a network's weights that keep them as they are.</summary>
internal sealed class OnnxWeightsFile : WeightsFile
{
    private static readonly string[] WeightNames = [".weight", ".bias", ".running_mean", ".running_var"];

    private readonly OnnxFile file;
    private readonly Dictionary<string, TensorProto> constants = new(StringComparer.Ordinal);

    /// <param name="stream">At the file's beginning; it stays the caller's.</param>
    /// <param name="path">Where it is: large models have their numbers in files beside them.</param>
    /// <exception cref="InvalidDataException">This is no ONNX file, or two of its constants have the same name.</exception>
    public OnnxWeightsFile(Stream stream, string path)
    {
        file = OnnxFile.Read(stream, path, Path.GetDirectoryName(Path.GetFullPath(path)));
        // Texts are nobody's weights.
        foreach (var constant in file.Graph.Initializer.Where(constant => constant.DataType != (int)TensorProto.Types.DataType.String))
        {
            if (constants.TryAdd(constant.Name, constant))
                continue;
            file.Dispose();
            throw new InvalidDataException($"'{path}': there are two initializers '{constant.Name}'; expected a name of its own for each.");
        }
        Shapes = constants.ToDictionary(entry => entry.Key, entry => entry.Value.Dims.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Whether a stream at its beginning holds an ONNX file, which begins with the version of its format and the next field's number; a safetensors file with a length, whose third byte no header needs.</summary>
    public static bool IsOne(Stream stream)
    {
        Span<byte> first = stackalloc byte[3];
        var isOnnx = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length && first[0] == 0x08 && first[1] is > 0 and < 32 && (first[2] & 7) == 2 && first[2] >> 3 is > 1 and < 9;
        stream.Position = 0;
        return isOnnx;
    }

    public override IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>Sizes and axes are constants, too; exporters name them otherwise.</summary>
    public override bool IsWeight(string name) => WeightNames.Any(end => name.EndsWith(end, StringComparison.Ordinal));

    public override void Read(Action<string, Tensor> use)
    {
        var tensors = new OnnxTensors(file);
        foreach (var (name, constant) in constants)
        {
            using var numbers = tensors.Read(constant);
            use(name, numbers);
        }
    }

    public override void Dispose() => file.Dispose();
}

using System.Security.Cryptography;

namespace Microsoft.ML.Adversarial;

/// <summary>The file that <see cref="TrainingOptions.InitialWeights"/> names.</summary>
internal static class InitialWeightsFile
{
    private const int FingerprintLength = 16;

    /// <summary>The network takes over what fits. Nothing of it changes before the file's names and shapes have been checked.</summary>
    /// <returns>What fits.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">This is no safetensors file, a damaged one of this library, or one of another network: the message names the tensors.</exception>
    public static WeightsReport Read(string path, ImageNetwork network)
    {
        using var stream = Open(path);
        CheckIsNoOnnx(stream, path);
        // One of another program has none.
        Seal.Check(stream, path);
        var header = SafeTensorsHeader.Read(stream, stream.Length, path);
        var report = FineTuning.Compare(header, network);
        if (!report.IsComplete)
            throw new InvalidDataException($"The weights of '{path}', which InitialWeights names, do not fit {network.Architecture}: {report}.");
        NetworkWeights.Read(stream, header, path, network, report);
        return report;
    }

    /// <summary>Tells the file by its content, wherever it lies.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static string Fingerprint(string path)
    {
        using var stream = Open(path);
        return $"one of {stream.Length} bytes ({Convert.ToHexStringLower(SHA256.HashData(stream))[..FingerprintLength]})";
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static void CheckExists(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"InitialWeights names the file '{path}', which does not exist.", path);
    }

    /// <summary>An ONNX file begins with the version of its format and the next field's number; a safetensors file with a length, whose third byte no header needs.</summary>
    private static void CheckIsNoOnnx(FileStream stream, string path)
    {
        Span<byte> first = stackalloc byte[3];
        var isOnnx = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length && first[0] == 0x08 && first[1] is > 0 and < 32 && (first[2] & 7) == 2 && first[2] >> 3 is > 1 and < 9;
        stream.Position = 0;
        if (isOnnx)
            throw new InvalidDataException($"'{path}', which InitialWeights names, is an ONNX file; expected safetensors. ml.Adversarial().LoadBackbone makes the network of an ONNX file, with its weights, the Backbone of the options.");
    }

    private static FileStream Open(string path)
    {
        CheckExists(path);
        return File.OpenRead(path);
    }
}

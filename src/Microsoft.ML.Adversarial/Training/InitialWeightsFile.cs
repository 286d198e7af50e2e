using System.Security.Cryptography;

namespace Microsoft.ML.Adversarial;

/// <summary>The file that <see cref="TrainingOptions.InitialWeights"/> names.</summary>
internal static class InitialWeightsFile
{
    private const int FingerprintLength = 16;

    private const string Remedy = " Exporters fold normalisations into convolutions, or give weights names of their own, unless told otherwise; ml.Adversarial().LoadBackbone makes the network of an ONNX file, with its weights, the Backbone of the options.";

    /// <summary>The network takes over what fits. Nothing of it changes before the file's names and shapes have been checked.</summary>
    /// <returns>What fits.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">This is no safetensors or ONNX file, a damaged one of this library, or one of another network: the message names the tensors, or says what the network does otherwise.</exception>
    public static WeightsReport Read(string path, ImageNetwork network)
    {
        using var stream = Open(path);
        // One of another program has none.
        Seal.Check(stream, path);
        var isOnnx = OnnxWeightsFile.IsOne(stream);
        using var file = new RenamedWeightsFile(isOnnx ? new OnnxWeightsFile(stream, path) : new SafeTensorsFile(stream, path), network);
        var report = FineTuning.Compare(file, network);
        if (!report.IsComplete)
            throw new InvalidDataException($"The weights of '{path}', which InitialWeights names, do not fit {network.Architecture}: {report}.{(isOnnx ? Remedy : "")}");
        Check(file, path, network.Architecture);
        NetworkWeights.Read(file, network, report);
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

    /// <summary>Weights of the same names and shapes may still be those of another function.</summary>
    private static void Check(RenamedWeightsFile file, string path, NetworkArchitecture architecture)
    {
        if (file.Family.Refusal(architecture.Backbone) is { } reason)
            throw new InvalidDataException($"The weights of '{path}', which InitialWeights names, have the names of {file.Family.Whose}'s network, {reason}.");
        if (file.ReadPixels() is { } pixels && !pixels.IsAbout(architecture.Pixels))
            throw new InvalidDataException($"The weights of '{path}', which InitialWeights names, are of a network that takes pixels as {pixels}, and PixelNormalization is {architecture.Pixels}; expected {pixels.InCode}.");
    }

    private static FileStream Open(string path)
    {
        CheckExists(path);
        return File.OpenRead(path);
    }
}

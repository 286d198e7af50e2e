using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>Tells what a file of this library is, and whether it is as it was written.</summary>
internal static class FileVerification
{
    /// <summary>Where a safetensors file's header begins.</summary>
    private const int SafeTensorsHeaderBegin = 8;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or none of this library.</exception>
    public static VerifiedFile Verify(MLContext ml, string path)
    {
        using var channel = ((IHostEnvironment)ml).Register(nameof(FileVerification)).Start(nameof(Verify));
        var verified = Verify(path);
        channel.Info(default, $"'{path}' is as it was written: {verified}.");
        return verified;
    }

    private static VerifiedFile Verify(string path)
    {
        using var stream = Open(path);
        if (!IsZip(stream))
            return Of(StartsWith(stream, "{"u8, SafeTensorsHeaderBegin) ? VerifiedFileKind.Weights : VerifiedFileKind.Onnx, Seal.Demand(stream, path));
        // ML.NET writes no comment behind its zips.
        if (Seal.Check(stream, path) is { } whole)
            return Of(VerifiedFileKind.Checkpoint, whole);
        var (graph, name) = ModelZip.Graph(stream, path);
        return Of(VerifiedFileKind.Model, Seal.Demand(graph, name));
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static FileStream Open(string path)
    {
        CheckExists(path);
        return File.OpenRead(path);
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static void CheckExists(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'; expected a model.zip, an ONNX file, weights or a checkpoint.", path);
    }

    /// <param name="stream">Afterwards at its beginning.</param>
    public static bool IsZip(Stream stream) => StartsWith(stream, "PK"u8, 0);

    private static bool StartsWith(Stream stream, ReadOnlySpan<byte> expected, int position)
    {
        Span<byte> bytes = stackalloc byte[expected.Length];
        stream.Position = position;
        var isEqual = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && bytes.SequenceEqual(expected);
        stream.Position = 0;
        return isEqual;
    }

    private static VerifiedFile Of(VerifiedFileKind kind, (string Hash, string Version) seal) => new() { Kind = kind, Hash = seal.Hash, LibraryVersion = seal.Version };
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace Microsoft.ML.Adversarial;

/// <summary>A <c>model.zip</c> as <c>ml.Model.Save</c> writes it.</summary>
internal static class ModelZip
{
    /// <summary>What ML.NET's OnnxTransformer calls its part: the file's length in four bytes, then the ONNX file.</summary>
    private const string OnnxEntry = "OnnxModel";

    /// <summary>Checks every entry, and takes out the ONNX file.</summary>
    /// <param name="stream">Can be sought; stays open.</param>
    /// <param name="path">For messages.</param>
    /// <returns>The ONNX file, not yet checked for its own seal, and its name for messages.</returns>
    /// <exception cref="InvalidDataException">This is no zip, an entry is damaged, or it does not hold one ONNX file.</exception>
    public static (Stream Content, string Name) Graph(Stream stream, string path)
    {
        WholeZip.Check(stream, path);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        // Zips written on Windows have its separators.
        var entries = zip.Entries.Where(entry => entry.FullName.Split('/', '\\')[^1] == OnnxEntry).ToList();
        if (entries is not [var entry])
            throw new InvalidDataException(
                $"'{path}' holds {(entries.Count == 0 ? "no OnnxTransformer" : $"several OnnxTransformers ({string.Join(", ", entries.Select(found => found.FullName))})")}; expected one, as ml.Model.Save writes a pipeline with an ImageClassificationTransformer.");
        using var content = entry.Open();
        var bytes = new byte[entry.Length];
        content.ReadExactly(bytes);
        if (bytes.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(bytes) != bytes.Length - sizeof(int))
            throw new InvalidDataException($"'{path}': the entry {entry.FullName} is {entry.Length} bytes long and says another length; expected four bytes with the length of the ONNX model behind them.");
        return (new MemoryStream(bytes, sizeof(int), bytes.Length - sizeof(int)), $"{path}/{entry.FullName}");
    }
}

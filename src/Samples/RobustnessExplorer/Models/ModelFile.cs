using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Adversarial;

namespace Samples.RobustnessExplorer.Models;

/// <summary>Reads models by the library's importer alone: of a model.zip the network in it, and none of the components that its other entries name, which <c>ml.Model.Load</c> would run.</summary>
public static class ModelFile
{
    /// <summary>What ML.NET calls the part of a model.zip that holds a network: its length in four bytes, then an ONNX file.</summary>
    private const string NetworkEntry = "OnnxModel";

    private static ReadOnlySpan<byte> ZipSignature => "PK"u8;

    /// <param name="ml">ML.NET.</param>
    /// <param name="content">A whole ONNX file or model.zip.</param>
    /// <param name="maximumBytes">The most that a zip may hold of a network.</param>
    /// <param name="scratch">A folder where the network lies while it is read.</param>
    /// <param name="classes">Whom a file is to tell apart; one that names no classes and has as many scores gets these names.</param>
    /// <exception cref="InvalidDataException">The file is not understood or damaged; the message says what is wrong.</exception>
    public static DeployedClassifier Load(MLContext ml, byte[] content, int maximumBytes, string scratch, IReadOnlyList<string>? classes = null)
    {
        var path = Path.Combine(scratch, $"{Guid.NewGuid():n}.onnx");
        File.WriteAllBytes(path, content.AsSpan().StartsWith(ZipSignature) ? NetworkIn(content, maximumBytes) : content);
        try
        {
            var model = ml.Adversarial().LoadNetwork(path);
            return classes is not null && NamesNoClasses(model) && model.ClassNames.Count == classes.Count ? Named(ml, path, model, classes) : model;
        }
        // The scratch file's name means nothing to whom it is told.
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException(exception.Message.Replace(path, "the model", StringComparison.Ordinal), exception);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Files from elsewhere name no classes: theirs are 0, 1, 2, ...</summary>
    private static bool NamesNoClasses(DeployedClassifier model) => model.ClassNames.Select((name, index) => name == $"{index}").All(isNumber => isNumber);

    private static DeployedClassifier Named(MLContext ml, string path, DeployedClassifier model, IReadOnlyList<string> classes)
    {
        try
        {
            var named = ml.Adversarial().LoadNetwork(path, new NetworkFileOptions { ClassNames = classes });
            model.Dispose();
            return named;
        }
        catch (ArgumentException)
        {
            // A file of this library whose classes are numbers: it says so itself.
            return model;
        }
    }

    /// <summary>The ONNX file in a model.zip; what the zip says of its size is not believed.</summary>
    private static byte[] NetworkIn(byte[] content, int maximumBytes)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(content), ZipArchiveMode.Read);
            var entries = zip.Entries.Where(entry => entry.FullName.Split('/', '\\')[^1] == NetworkEntry).ToList();
            if (entries is not [var entry])
                throw new InvalidDataException($"The zip holds {entries.Count} networks; expected one, as ml.Model.Save writes a pipeline with an image classifier of this library.");
            using var network = entry.Open();
            var bytes = ReadAtMost(network, maximumBytes);
            if (bytes.Length <= sizeof(int) || BitConverter.ToInt32(bytes) != bytes.Length - sizeof(int))
                throw new InvalidDataException($"The zip's entry {NetworkEntry} has {bytes.Length} bytes, which is not the length that it states.");
            return bytes[sizeof(int)..];
        }
        catch (Exception exception) when (exception is NotSupportedException or IOException or ArgumentException)
        {
            throw new InvalidDataException($"The zip cannot be read: {exception.Message}", exception);
        }
    }

    private static byte[] ReadAtMost(Stream stream, int maximumBytes)
    {
        using var read = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (stream.Read(buffer) is var count and > 0)
        {
            if (read.Length + count > maximumBytes)
                throw new InvalidDataException($"The zip's network is larger than {maximumBytes} bytes.");
            read.Write(buffer, 0, count);
        }
        return read.ToArray();
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Spectre.Console;

namespace AdversarialTool.Information;

/// <summary>What is known of a file, as rows for people and as a document for programs.</summary>
public sealed class ModelInformation(string path, NetworkFileOptions options)
{
    private readonly MLContext ml = new(seed: 1);
    private readonly Grid rows = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
    private readonly JsonObject document = [];

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds no network that is understood.</exception>
    public Answer Tell()
    {
        var verified = Verified();
        TellFile(verified);
        if (verified?.Kind is VerifiedFileKind.Weights or VerifiedFileKind.Checkpoint || IsForeignWeights(verified))
            new WeightsInformation(ml.Adversarial().DescribeWeights(path), Add).Tell();
        else
        {
            // A file of this library that is damaged is refused here.
            using var model = ml.Adversarial().LoadNetwork(path, options);
            if (verified is null)
                Add("written by", model.Facts.Producer.Length > 0 ? model.Facts.Producer : "the file does not say", model.Facts.Producer, "producer");
            TellNetwork(model);
        }
        AnsiConsole.Write(rows);
        return new Answer(document);
    }

    /// <returns>Null of a file that carries no hash that fits.</returns>
    private VerifiedFile? Verified()
    {
        try
        {
            return ml.Adversarial().Verify(path);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private void TellFile(VerifiedFile? verified)
    {
        Add("file", path, path);
        Add("bytes", new FileInfo(path).Length.ToString("n0", CultureInfo.InvariantCulture), new FileInfo(path).Length);
        Add("kind", IsForeignWeights(verified) ? "weights from elsewhere (safetensors)" : Kind(verified), IsForeignWeights(verified) ? "ForeignWeights" : verified is null ? "ForeignOnnx" : $"{verified.Kind}");
        if (verified is null)
        {
            using var stream = File.OpenRead(path);
            var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            Add("SHA-256", $"{hash}, of the whole file", hash, "sha256");
        }
        else
        {
            Add("SHA-256", $"{verified.Hash}, carried by the file, and fits", verified.Hash, "sha256");
            Add("written by", $"Microsoft.ML.Adversarial {verified.LibraryVersion}", $"Microsoft.ML.Adversarial {verified.LibraryVersion}", "producer");
        }
    }

    private void TellNetwork(DeployedClassifier model)
    {
        var (facts, shape) = (model.Facts, model.ImageShape);
        Add("layers", $"{facts.Layers} convolutions and products with weights", facts.Layers);
        Add("parameters", facts.Parameters.ToString("n0", CultureInfo.InvariantCulture), facts.Parameters);
        Add("multiply-adds", string.Create(CultureInfo.InvariantCulture, $"{facts.MultiplyAdds / 1e6:n1} million for one image"), facts.MultiplyAdds, "multiplyAdds");
        Add("numbers", $"{facts.NumberTypes}; computed in float32", facts.NumberTypes);
        Add("classes", $"{model.ClassNames.Count}: {Shortened(model.ClassNames)}", Json.Of(model.ClassNames));
        Add("images", $"{shape}", new JsonObject { ["channels"] = shape.Channels, ["height"] = shape.Height, ["width"] = shape.Width });
        Add("pixels", $"{model.PixelRange}, {model.PixelLayout}", new JsonObject { ["minimum"] = model.PixelRange.Minimum, ["maximum"] = model.PixelRange.Maximum, ["layout"] = $"{model.PixelLayout}" });
        Add("column", model.FeatureColumnName, model.FeatureColumnName);
        Add("domain", $"{model.Domain}", $"{model.Domain}");
    }

    /// <summary>A safetensors file begins with its header's length and the header, JSON; an ONNX file's first eight bytes make a length beyond any file.</summary>
    private bool IsForeignWeights(VerifiedFile? verified)
    {
        if (verified is not null)
            return false;
        using var stream = File.OpenRead(path);
        Span<byte> begin = stackalloc byte[sizeof(ulong) + 1];
        return stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length
            && begin[^1] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(begin) < (ulong)stream.Length;
    }

    private void Add(string name, string text, JsonNode value, string? key = null)
    {
        rows.AddRow(new Markup($"[bold]{Markup.Escape(name)}[/]"), new Text(text));
        document[key ?? name] = value;
    }

    private static string Kind(VerifiedFile? verified) => verified?.Kind switch
    {
        VerifiedFileKind.Model => "ML.NET model with a classifier of this library",
        VerifiedFileKind.Onnx => "ONNX classifier of this library",
        VerifiedFileKind.Weights => "weights of this library (safetensors)",
        VerifiedFileKind.Checkpoint => "checkpoint of a training",
        _ => "ONNX classifier from elsewhere; what it does not say of pixels and classes, the options do",
    };

    private static string Shortened(IReadOnlyList<string> names)
    {
        const int Most = 20;
        return string.Join(", ", names.Take(Most)) + (names.Count > Most ? ", ..." : "");
    }
}

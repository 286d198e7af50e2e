using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A file of 100 MB, until it can be attacked: read, checked against ONNX Runtime and laid out.</summary>
/// <param name="name">Behind the slash.</param>
/// <param name="text">What the file is.</param>
/// <param name="architecture">The network.</param>
internal sealed class ImportBenchmark(string name, string text, NetworkArchitecture architecture)
    : Benchmark($"importing/{name}", $"LoadNetwork on an ONNX file of {text}, self-check included, against an ONNX Runtime session that scores one image", rounds: 3)
{
    public const string Logits = "logits";

    private const string Input = "input", Score = "score";

    /// <summary>Large images, so that what a gradient keeps of one is half as much as the weights.</summary>
    public static ImportBenchmark LargeImages => new("ResNet-50", "ResNet-50 at 224 px", TrainingCase.LargeImages(batch: 1).Architecture);

    /// <summary>As many weights, and next to nothing beside them.</summary>
    public static ImportBenchmark SmallImages => new("wide ResNet-20", "ResNet-20 at 32 px with 152 to 608 channels", TrainingCase.Small(width: 152, channels: 3, classCount: 10));

    public override Race Prepare(Workshop workshop)
    {
        var folder = Directory.CreateDirectory(workshop.Folder("importing")).FullName;
        var path = Write(architecture, Path.Combine(folder, $"{name}.onnx"));
        var other = Write(TrainingCase.Small(width: 8, channels: 3, classCount: 10), Path.Combine(folder, "small.onnx"));
        var pixels = new float[architecture.Image.Channels * architecture.Image.Height * architecture.Image.Width];
        return new Race
        {
            Contestants =
            [
                Contestant.Timed("ONNX Runtime alone", () =>
                {
                    using var session = new InferenceSession(path);
                    using var run = new RunOptions();
                    using var image = OrtValue.CreateTensorValueFromMemory(pixels, [1, architecture.Image.Channels, architecture.Image.Height, architecture.Image.Width]);
                    using var scores = session.Run(run, [Input], [image], [Score]);
                    return (1, 1);
                }),
                Contestant.Timed("LoadNetwork", () =>
                {
                    ImportMemory.Load(path);
                    return (1, 1);
                }),
            ],
            Remark = () => FormattableString.Invariant($"{new FileInfo(path).Length / 1e6:f0} MB; in a process of its own LoadNetwork's peak is {ImportMemory.Peak(other, path) / (double)new FileInfo(path).Length:f2} times that above what the process held before"),
        };
    }

    private static string Write(NetworkArchitecture architecture, string path)
    {
        using var network = ImageNetwork.Create(architecture, CPU, new Seed(1));
        using var frozen = network.Freeze(ImageDomain.Clean);
        string[] classes = [.. Enumerable.Range(0, architecture.ClassCount).Select(index => $"class {index}")];
        File.WriteAllBytes(path, OnnxWriter.Write(frozen, new OnnxInterface { Input = Input, Logits = Logits, Score = Score, PredictedIndex = "index", ClassNames = classes }));
        return path;
    }
}

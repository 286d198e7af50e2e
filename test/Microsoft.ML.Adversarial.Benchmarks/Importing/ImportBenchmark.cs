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
    private const string Input = "input", Score = "score";

    /// <summary>Large images, so that what a gradient keeps of one is half as much as the weights.</summary>
    public static ImportBenchmark LargeImages => new("ResNet-50", "ResNet-50 at 224 px", TrainingCase.LargeImages(batch: 1).Architecture);

    /// <summary>As many weights, and next to nothing beside them.</summary>
    public static ImportBenchmark SmallImages => new("wide ResNet-20", "ResNet-20 at 32 px with 152 to 608 channels", TrainingCase.Small(width: 152, channels: 3, classCount: 10));

    public override Race Prepare(Workshop workshop)
    {
        var path = Path.Combine(Directory.CreateDirectory(workshop.Folder("importing")).FullName, $"{name}.onnx");
        using (var network = ImageNetwork.Create(architecture, CPU, new Seed(1)))
        using (var frozen = network.Freeze(ImageDomain.Clean))
        {
            string[] classes = [.. Enumerable.Range(0, architecture.ClassCount).Select(index => $"class {index}")];
            File.WriteAllBytes(path, OnnxWriter.Write(frozen, new OnnxInterface { Input = Input, Logits = "logits", Score = Score, PredictedIndex = "index", ClassNames = classes }));
        }
        var ml = new MLContext(seed: 1);
        var options = new NetworkFileOptions { ReadsChangedFiles = true, PixelNormalization = PixelNormalization.GreyLevels, OutputName = "logits" };
        var pixels = new float[architecture.Image.Channels * architecture.Image.Height * architecture.Image.Width];
        var above = 0L;
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
                    // What was freed before and is still there would be used again, and count for nothing.
                    FreedMemory.GiveBack();
                    var held = Environment.WorkingSet;
                    PeakMemory.Restart();
                    ml.Adversarial().LoadNetwork(path, options).Dispose();
                    above = Math.Max(above, PeakMemory.Bytes - held);
                    return (1, 1);
                }),
            ],
            Remark = () => FormattableString.Invariant($"{new FileInfo(path).Length / 1e6:f0} MB; LoadNetwork's peak is {above / (double)new FileInfo(path).Length:f2} times that above what the process held before"),
        };
    }
}

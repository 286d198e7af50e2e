using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A file of 100 MB, until it can be attacked: read, checked against ONNX Runtime and laid out.</summary>
internal sealed class ImportBenchmark()
    : Benchmark("importing/ResNet-50", "LoadNetwork on an ONNX file of ResNet-50 at 224 px, self-check included, against an ONNX Runtime session that scores one image", rounds: 3)
{
    private const string Input = "input", Score = "score";

    public override Race Prepare(Workshop workshop)
    {
        var architecture = TrainingCase.LargeImages(batch: 1).Architecture;
        var path = Path.Combine(Directory.CreateDirectory(workshop.Folder("importing")).FullName, "resnet50.onnx");
        using (var network = ImageNetwork.Create(architecture, CPU, new Seed(1)))
        using (var frozen = network.Freeze(ImageDomain.Clean))
        {
            string[] classes = [.. Enumerable.Range(0, architecture.ClassCount).Select(index => $"class {index}")];
            File.WriteAllBytes(path, OnnxWriter.Write(frozen, new OnnxInterface { Input = Input, Logits = "logits", Score = Score, PredictedIndex = "index", ClassNames = classes }));
        }
        var ml = new MLContext(seed: 1);
        var options = new NetworkFileOptions { ReadsChangedFiles = true, PixelNormalization = PixelNormalization.GreyLevels, OutputName = "logits" };
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
                    ml.Adversarial().LoadNetwork(path, options).Dispose();
                    return (1, 1);
                }),
            ],
            Remark = () => FormattableString.Invariant($"{new FileInfo(path).Length / 1e6:f0} MB; the peaks are of the process, which holds about {Environment.WorkingSet / 1e6:f0} MB between runs"),
        };
    }
}

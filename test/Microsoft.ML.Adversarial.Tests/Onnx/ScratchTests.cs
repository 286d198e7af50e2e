using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

public class ScratchTests
{
    [Fact]
    public void Which()
    {
        const string kind = "four stages, bottleneck, small stem";
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TinyNetworks.Trained(kind);
        using var frozen = network.Freeze(ImageDomain.Adversarial);
        var images = TinyNetworks.Images(kind, 3);
        var single = frozen.Logits(images);
        var exact = new FrozenNetwork([.. frozen.Layers.Select(l => l.In(float64))], frozen.Image, frozen.ClassCount).Logits(images);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(OnnxWriter.Write(frozen, WrittenNetworks.Names(kind)));
        var data = images.Times(255).contiguous().data<float>().ToArray();
        using var value = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(data, images.shape);
        using var result = session.Run(new Microsoft.ML.OnnxRuntime.RunOptions(), ["Pixels"], [value], ["Logits"]);
        var ort = tensor(result[0].GetTensorDataAsSpan<float>().ToArray()).reshape(single.shape);
        var eval = network.call(images, new Phase(ImageDomain.Adversarial, NormalizationStatistics.Running));
        Assert.Fail($"torch {TinyNetworks.Difference(single, exact)} eval {TinyNetworks.Difference(eval, exact)} ort {TinyNetworks.Difference(ort, exact)} \n{string.Join(",", single.data<float>().ToArray())}\n{string.Join(",", exact.to(float32).data<float>().ToArray())}\n{string.Join(",", ort.data<float>().ToArray())}");
    }
}

using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

public class LargeNetworkTests
{
    private const long Gigabyte = 1L << 30;

    private static readonly NetworkArchitecture ResNet50 = new() { Image = new ImageShape(3, 224, 224), ClassCount = 1000, Backbone = new ResNet(50) };

    /// <summary>ADVERSARIAL_LARGE switches it on.</summary>
    [Fact]
    public void ResNet_638_takes_an_adversarial_step_at_64_pixels_within_16_gigabytes()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ADVERSARIAL_LARGE") == "true", "Slow: set ADVERSARIAL_LARGE to true.");
        using var scope = NewDisposeScope();
        var architecture = new NetworkArchitecture { Image = new ImageShape(3, 64, 64), ClassCount = 10, Backbone = new ResNet(638) { Family = NetworkFamily.FourStage } };
        using var network = ImageNetwork.Create(architecture, CPU, new Seed(1));
        using var generator = new Seed(2).TorchGenerator();
        using var optimizer = new GradientDescent(network.parameters(), momentum: 0.9, weightDecay: 1e-4) { LearningRate = 0.01 };
        var attack = new PgdAttack(Budget.LInf(16)) { Steps = 1, Goal = AttackGoal.RandomTarget };
        var options = new TrainingOptions { Method = new AdversarialTraining(attack), ActivationCheckpointing = true };
        var before = network.state_dict()["layer3.100.conv2.weight"].clone();

        var outcome = new TrainingStep(network, optimizer, options, new MethodMemory(CPU)).Run(
            rand([2, 3, 64, 64], generator: generator), tensor(new long[] { 1, 7 }), ImageRandom.FromSeed(1, 2), measures: false);

        Assert.InRange(outcome.Loss, Math.Log(10) - 1, Math.Log(10) + 3);
        Assert.False(before.equal(network.state_dict()["layer3.100.conv2.weight"]).all().item<bool>());
        using var process = Process.GetCurrentProcess();
        Assert.InRange(process.PeakWorkingSet64, Gigabyte / 2, 16 * Gigabyte);
        TestContext.Current.SendDiagnosticMessage($"peak {process.PeakWorkingSet64 / (double)Gigabyte:f1} GiB");
    }

    [Fact]
    public void ResNet_50_takes_an_adversarial_step_at_224_pixels_and_its_export_gives_the_same_logits()
    {
        using var scope = NewDisposeScope();
        using var network = ImageNetwork.Create(ResNet50, CPU, new Seed(1));
        using var generator = new Seed(2).TorchGenerator();
        var images = rand([4, 3, 224, 224], generator: generator);
        var labels = tensor(new long[] { 1, 20, 300, 999 });
        using var optimizer = new GradientDescent(network.parameters(), momentum: 0.9, weightDecay: 1e-4) { LearningRate = 0.01 };
        var attack = new PgdAttack(Budget.LInf(16)) { Steps = 2, Goal = AttackGoal.RandomTarget };
        var before = network.state_dict()["layer3.5.conv2.weight"].clone();
        var options = new TrainingOptions { Method = new AdversarialTraining(attack) };

        var outcome = new TrainingStep(network, optimizer, options, new MethodMemory(CPU)).Run(images, labels, ImageRandom.FromSeed(1, 4), measures: false);

        Assert.InRange(outcome.Loss, Math.Log(1000) - 1, Math.Log(1000) + 3);
        Assert.False(before.equal(network.state_dict()["layer3.5.conv2.weight"]).all().item<bool>());

        using var frozen = network.Freeze(ImageDomain.Adversarial);
        var expected = frozen.Logits(images).data<float>().ToArray();
        var onnx = OnnxWriter.Write(frozen, new OnnxInterface
        {
            Input = "Features",
            PixelSpan = 1,
            Logits = "Logits",
            Score = "Score",
            PredictedIndex = "PredictedIndex",
            ClassNames = [.. Enumerable.Range(0, 1000).Select(index => $"class {index}")],
        });
        using var session = new InferenceSession(onnx);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("Features", new DenseTensor<float>(images.data<float>().ToArray(), [4, 3, 224, 224]))], ["Logits"]);
        var actual = results[0].AsTensor<float>().ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }
}

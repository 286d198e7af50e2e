using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Weights under the names of the public checkpoints load, and the network then computes what the reference computes.</summary>
public sealed class PublicCheckpointsTests : IDisposable
{
    /// <summary>float32 against float64, as a share of the largest logit; another shortcut, padding or activation is off by more than 1e-2.</summary>
    private const double Tolerance = 1e-5;

    private const string Deep = "DeepMind's WideResNet-16-2, SiLU", PreAct = "PreActResNet-18", Trades = "TRADES' WideResNet-16-2", Cifar = "pytorch-cifar's ResNet-18";

    private readonly string folder = Directory.CreateTempSubdirectory("public-weights-").FullName;

    public static TheoryData<string> Names => [.. GoldenCheckpoints.Names];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_with_public_weights_gives_the_reference_s_logits(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Fresh(GoldenCheckpoints.Architecture(name));

        var report = InitialWeightsFile.Read(Write(GoldenCheckpoints.Tensors(name)), network);

        Assert.Equal($"all {TinyNetworks.State(network).Count} tensors fit", $"{report}");
        using var frozen = network.Freeze(ImageDomain.Clean);
        var (expected, images) = (GoldenCheckpoints.Logits(name), GoldenCheckpoints.ImageBatch(name));
        Assert.InRange(expected.std().item<float>(), 0.1, 10);
        Assert.InRange(Share(expected, frozen.Logits(images)), 0, Tolerance);
        Assert.InRange(Share(expected, network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Running))), 0, Tolerance);
    }

    [Fact]
    public void Public_weights_start_both_domains_of_a_mixture_and_a_network_for_other_classes()
    {
        using var network = Fresh(GoldenCheckpoints.Architecture(Deep) with { Normalization = Normalization.MixtureBatch, ClassCount = 7 });

        var report = InitialWeightsFile.Read(Write(GoldenCheckpoints.Tensors(Deep)), network);

        Assert.EndsWith("the last layer starts anew, because the file's has 5 classes", $"{report}", StringComparison.Ordinal);
        var state = TinyNetworks.State(network);
        Assert.Equal(state["block1.layer.0.bn1.clean.running_mean"], state["block1.layer.0.bn1.adversarial.running_mean"]);
    }

    public static TheoryData<string, string, string> Others => new()
    {
        { PreAct, "pixels", "takes pixels as (pixel - [" },
        { PreAct, "pixels", "expected new PixelNormalization([0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616])." },
        { Deep, "padding", "have the names of DeepMind's network, whose convolutions of stride 2 have their zeros below and at the right alone; expected a WideResNet with PadsAtEnd = true." },
        { Trades, "one tensor too many", "1 unexpected (module.attacker.step)" },
        { Trades, "one tensor twice", "1 unexpected (module.conv1.weight)" },
        { Cifar, "one tensor too few", "1 missing (layer2.0.downsample.0.weight)" },
        { PreAct, "no last normalisation", "4 missing (bn.weight, " },
        { PreAct, "pixels of other channels", "1 unexpected (mu)" },
        { PreAct, "pixels that are none", "'mu' and 'sigma' are no mean and deviation of pixels: " },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Weights_of_another_function_are_refused_with_what_is_other_and_change_nothing(string name, string what, string message)
    {
        using var scope = NewDisposeScope();
        var architecture = GoldenCheckpoints.Architecture(name);
        architecture = what switch
        {
            "pixels" => architecture with { Pixels = PixelNormalization.SymmetricRange },
            "padding" => architecture with { Backbone = (WideResNet)architecture.Backbone with { PadsAtEnd = false } },
            _ => architecture,
        };
        using var network = Fresh(architecture);
        var tensors = GoldenCheckpoints.Tensors(name);
        switch (what)
        {
            case "one tensor too many": tensors.Add(("module.attacker.step", zeros(1))); break;
            case "one tensor twice": tensors.Add(("module.conv1.weight", zeros(16, 3, 3, 3))); break;
            case "one tensor too few": tensors.RemoveAll(entry => entry.Name == "module.layer2.0.shortcut.0.weight"); break;
            case "no last normalisation": tensors.RemoveAll(entry => entry.Name.StartsWith("bn.", StringComparison.Ordinal)); break;
            case "pixels of other channels": Replace("mu", zeros(4)); break;
            case "pixels that are none": Replace("sigma", zeros(3)); break;
        }
        var (path, before) = (Write(tensors), TinyNetworks.State(network));

        var refused = Assert.Throws<InvalidDataException>(() => InitialWeightsFile.Read(path, network));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNetworks.State(network));

        void Replace(string tensor, Tensor by) => tensors[tensors.FindIndex(entry => entry.Name == tensor)] = (tensor, by);
    }

    private static double Share(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        return (expected - actual).abs().max().item<float>() / (double)expected.abs().max().item<float>();
    }

    private static ImageNetwork Fresh(NetworkArchitecture architecture) => ImageNetwork.Create(architecture, CPU, new Seed(9));

    private string Write(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        var path = Path.Combine(folder, Path.GetRandomFileName() + ".safetensors");
        using var stream = File.Create(path);
        SafeTensors.Write(stream, tensors);
        return path;
    }
}

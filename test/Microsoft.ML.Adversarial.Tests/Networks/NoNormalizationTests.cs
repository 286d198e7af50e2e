using Microsoft.ML.Adversarial.Tests.Training;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>Without a normalisation it is the zeros at the end of each block that let a deep network start (De and Smith 2020, section 4).</summary>
public class NoNormalizationTests
{
    private static readonly NetworkArchitecture Deep = TinyProblem.Architecture with { Backbone = new ResNet(110) { Width = 4 }, Normalization = Normalization.None };

    [Fact]
    public void A_fresh_network_of_110_layers_gives_logits_of_ordinary_size()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = ImageNetwork.Create(Deep, CPU, new Seed(1));

        var logits = network.call(TinyNetworks.Images(Deep.Image, 8), new Phase(ImageDomain.Clean, NormalizationStatistics.Batch));

        // The classifier's weights are N(0, 0.01) over 16 features of order 1.
        Assert.InRange(logits.abs().max().item<float>(), 1e-3, 1);
    }

    /// <summary>Slowly at first: the blocks' insides have no gradient before their last scales have moved.</summary>
    [Fact]
    public void A_network_of_110_layers_learns_from_the_first_step_on()
    {
        using var network = ImageNetwork.Create(Deep, CPU, new Seed(1));
        var losses = new List<double>();
        var options = TinyProblem.Options with { Epochs = 12, LearningRate = 0.1, Method = TinyProblem.Pgd(1) };

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 12), 1, report => losses.Add(report.Loss));

        Assert.True(losses[1] < losses[0] && losses[^1] < losses[0] - 0.02, string.Join(", ", losses));
    }
}

using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>The update rule, against one written out by hand.</summary>
public class OptimizerTests
{
    private const int Steps = 3;

    /// <summary>
    /// v = m v + (g + d w), w = w - r (g + d w + m v), with a decay of d for weights of more than one dimension alone (Sutskever et al. 2013 as PyTorch writes it).
    /// Decay and rate are large, so that a decayed scale would be off by 0.05.
    /// </summary>
    [Theory]
    [InlineData(0.9, 0.5)]
    [InlineData(0.9, 0.0)]
    [InlineData(0.0, 0.5)]
    public void Three_updates_are_those_of_Nesterov_s_momentum_with_decay_on_weights_only(double momentum, double decay)
    {
        var schedule = LearningRateSchedule.Steps([1, 2], factor: 0.5);
        var options = TinyProblem.Options with { Epochs = Steps, LearningRate = 0.1, Momentum = momentum, WeightDecay = decay, Schedule = schedule };
        using var expected = TinyProblem.Network();
        using var actual = TinyProblem.Network();

        Reference(expected, momentum, decay);
        TinyProblem.Train(actual, options, epoch => TinyProblem.Batches(6 * epoch, 6), 1);

        using var scope = NewDisposeScope();
        foreach (var ((name, parameter), (_, other)) in expected.named_parameters().Zip(actual.named_parameters()))
            Assert.True(TinyNetworks.Difference(parameter, other) < 1e-5, $"{name}: off by {TinyNetworks.Difference(parameter, other)}");
        using var untrained = TinyProblem.Network();
        Assert.True(TinyNetworks.Difference(untrained.get_parameter("fc.weight")!, actual.get_parameter("fc.weight")!) > 1e-3, "nothing has moved");
    }

    private static void Reference(ImageNetwork network, double momentum, double decay)
    {
        using var scope = NewDisposeScope();
        var velocities = new Dictionary<string, Tensor>();
        for (var step = 0; step < Steps; step++)
        {
            var rate = 0.1 * Math.Pow(0.5, step);
            using var batch = TinyProblem.Batches(6 * step, 6).Single();
            var loss = nn.functional.cross_entropy(network.call(batch.Images, new Phase(ImageDomain.Clean, NormalizationStatistics.Batch)), batch.Labels);
            var entries = network.named_parameters().ToList();
            var gradients = autograd.grad([loss], entries.Select(entry => (Tensor)entry.parameter).ToList());
            using var noGradient = no_grad();
            foreach (var ((name, parameter), gradient) in entries.Zip(gradients))
                Update(name, parameter, gradient, rate);
        }

        void Update(string name, Parameter parameter, Tensor gradient, double rate)
        {
            var slope = parameter.dim() > 1 ? gradient.PlusScaled(parameter, decay) : gradient;
            velocities[name] = velocities.TryGetValue(name, out var velocity) ? slope.PlusScaled(velocity, momentum) : slope;
            parameter.AddScaledInPlace(slope.PlusScaled(velocities[name], momentum), -rate);
        }
    }
}

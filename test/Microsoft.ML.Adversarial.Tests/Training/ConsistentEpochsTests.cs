using Microsoft.ML.Adversarial.Tests.Networks;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>The last epochs normalise as at test time (Xie and Yuille 2020, section 4.2): statistics stand still, weights learn on.</summary>
public class ConsistentEpochsTests
{
    private const int BatchesPerEpoch = 2;

    public static TheoryData<string> Kinds => [TinyNetworks.Plain, TinyNetworks.Mixture, "mixture, shared affine", "mixture, shared statistics"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Statistics_move_before_the_consistent_epochs_and_never_in_them_while_every_weight_learns_on(string kind)
    {
        var (states, buffers) = Run(kind, epochs: 3, consistentEpochs: 1);

        for (var update = 1; update < states.Count; update++)
        {
            var isConsistent = update > 2 * BatchesPerEpoch;
            foreach (var (name, value) in states[update])
            {
                var hasMoved = !value.AsSpan().SequenceEqual(states[update - 1][name]);
                Assert.True(hasMoved == !(isConsistent && buffers.Contains(name)), $"update {update}: {name} has {(hasMoved ? "" : "not ")}moved");
            }
        }
        Assert.Equal(1 + 3 * BatchesPerEpoch, states.Count);
    }

    [Fact]
    public void None_is_the_default_and_all_of_them_may_be_consistent()
    {
        Assert.Equal(0, new TrainingOptions().ResolvedConsistentEpochs);

        var (states, buffers) = Run(TinyNetworks.Plain, epochs: 2, consistentEpochs: 2);

        Assert.All(buffers, name => Assert.Equal(states[0][name], states[^1][name]));
        Assert.NotEqual(states[0]["bn1.bias"], states[^1]["bn1.bias"]);
    }

    [Theory]
    [InlineData(TinyNetworks.Group)]
    [InlineData("none")]
    public void Without_batch_normalisation_they_change_nothing(string kind) =>
        Assert.Equal(Run(kind, 2, consistentEpochs: 0).States[^1], Run(kind, 2, consistentEpochs: 1).States[^1]);

    [Fact]
    public void More_of_them_than_there_are_epochs_are_refused_before_the_first_batch()
    {
        using var network = TinyProblem.Network();
        var options = TinyProblem.Options with { Epochs = 2, ConsistentEpochs = 3 };

        var refused = Assert.Throws<ArgumentException>(() => TinyProblem.Train(network, options, _ => throw new InvalidOperationException("asked for a batch"), 1));

        Assert.Equal("ConsistentEpochs is 3; expected at most Epochs, which is 2.", refused.Message);
    }

    /// <summary>Every parameter and buffer before the run and after each update.</summary>
    private static (List<Dictionary<string, byte[]>> States, HashSet<string> Buffers) Run(string kind, int epochs, int consistentEpochs)
    {
        using var network = TinyNetworks.Trained(kind);
        var states = new List<Dictionary<string, byte[]>> { TinyNetworks.State(network) };
        var options = TinyProblem.Options with
        {
            Epochs = epochs,
            ConsistentEpochs = consistentEpochs,
            LearningRate = 0.01,
            Method = new AdversarialTraining(new PgdAttack(Budget.LInf(16)) { Steps = 1 }) { CleanRatio = 1 },
        };

        TinyProblem.Train(network, options, _ => TinyNetworks.Batches(kind, 6, 6), BatchesPerEpoch, _ => states.Add(TinyNetworks.State(network)));

        return (states, [.. network.named_buffers().Select(entry => entry.name)]);
    }
}

using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What a method may do with a batch.</summary>
public class UpdateContextTests
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(16)) { Steps = 1 };

    /// <summary>Without momentum, twice on a batch is once on the batch and once more on it.</summary>
    [Fact]
    public void A_method_may_update_several_times_in_a_step()
    {
        var options = TinyProblem.Options with { Epochs = 1, Momentum = 0, WeightDecay = 0 };
        using var twice = TinyProblem.Network();
        var reports = new List<TrainingMetrics>();
        TinyProblem.Train(twice, options with { Method = new Repeating(2) }, _ => TinyProblem.Batches(0, 6), 1, reports.Add);
        using var once = TinyProblem.Network();
        var losses = new List<double>();

        TinyProblem.Train(once, options with { Method = new Repeating(1) }, _ => [TinyProblem.Batches(0, 6).Single(), TinyProblem.Batches(0, 6).Single()], 2, metrics => losses.Add(metrics.Loss));

        Assert.Equal(TinyNetworks.State(once), TinyNetworks.State(twice));
        Assert.Equal(losses[1], reports.Single().Loss, 1e-9);
    }

    [Fact]
    public void A_method_that_updates_nothing_is_refused_by_name()
    {
        using var network = TinyProblem.Network();

        var refused = Assert.Throws<InvalidOperationException>(() => TinyProblem.Train(network, TinyProblem.Options with { Method = new Repeating(0) }, _ => TinyProblem.Batches(0, 6), 1));

        Assert.StartsWith("Repeating made no update of a batch;", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Crafting_twice_in_a_step_draws_anew_and_leaves_no_trace()
    {
        using var network = TinyProblem.Network();
        var before = TinyNetworks.State(network);
        var crafted = new List<byte[]>();
        var method = new Crafting(step =>
        {
            crafted.AddRange([[.. step.Craft(Pgd).bytes], [.. step.Craft(Pgd).bytes]]);
            Assert.Equal(before, TinyNetworks.State(network));
        });

        TinyProblem.Train(network, TinyProblem.Options with { Method = method, Epochs = 1 }, _ => TinyProblem.Batches(0, 6), 1);

        Assert.NotEqual(crafted[0], crafted[1]);
    }

    /// <summary>400 coins of 0.2: 80 with a deviation of 8.</summary>
    [Fact]
    public void One_coin_for_each_batch_decides_whether_it_starts_clean()
    {
        using var scope = NewDisposeScope();
        var (images, labels) = (zeros(2, 1, 4, 4), zeros(2, int64));
        var method = new AdversarialTraining(Pgd) { CleanStartProbability = 0.2 };
        var attacks = Enumerable.Range(0, 400).Select(AttackOf).ToList();

        var clean = attacks.Where(attack => attack.Start == AttackStart.Clean).ToList();

        Assert.InRange(clean.Count, 80 - 32, 80 + 32);
        Assert.All(clean, attack => Assert.Equal(Pgd with { Start = AttackStart.Clean }, attack));
        Assert.Equal(attacks, Enumerable.Range(0, 400).Select(AttackOf));

        PgdAttack AttackOf(int batch)
        {
            PgdAttack? used = null;
            method.Step(new UpdateContext(images, labels, ImageRandom.FromSeed(batch, 2), 3, new HandStep(Keep, _ => { })));
            return used!;

            Tensor Keep(Attack attack)
            {
                used = (PgdAttack)attack;
                return images;
            }
        }
    }

    [Fact]
    public void Only_pgd_can_start_clean()
    {
        var method = new AdversarialTraining(new RecordingAttack(Pgd, (_, _) => { })) { CleanStartProbability = 0.2 };

        Assert.StartsWith("CleanStartProbability is 0.2, and only PGD can start from the clean image;", Assert.Throws<ArgumentException>(method.Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_of_parts_of_a_batch_add_up_to_that_of_the_whole()
    {
        using var scope = NewDisposeScope();
        var sum = new LossSum(tensor(6.0), 2) + new LossSum(tensor(2.0), 2).Weighted(3);

        Assert.Equal((12.0, 8.0, 1.5), (sum.Sum.item<double>(), sum.Weight, sum.Mean().item<double>()));
        Assert.Equal(0, new LossSum(tensor(2.0), 5).Weighted(0).Mean().item<double>());
    }

    private sealed record Repeating(int Times) : TrainingMethod
    {
        protected internal override void Step(UpdateContext step)
        {
            for (var time = 0; time < Times; time++)
                step.Update(network => CrossEntropy(network.Logits(step.Images, ImageDomain.Clean), step.Labels));
        }
    }

    private sealed record Crafting(Action<UpdateContext> Look) : TrainingMethod
    {
        protected internal override void Step(UpdateContext step)
        {
            Look(step);
            step.Update(network => CrossEntropy(network.Logits(step.Images, ImageDomain.Clean), step.Labels));
        }
    }
}

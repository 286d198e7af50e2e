using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Common;

[Collection(ProcessWideGenerator.Name)]
public class SeedTests
{
    private static readonly Seed Root = new(1);

    [Fact]
    public void The_same_path_gives_the_same_stream()
    {
        var (first, second) = (Root.For("attack").For(7), new Seed(1).For("attack").For(7));

        Assert.Equal(first, second);
        Assert.Equal(Draws(first), Draws(second));
        Assert.Equal(first.Random().Next(), second.Random().Next());
        Assert.Equal(first.Uniform(), second.Uniform());
    }

    /// <summary>The numbers themselves: a change of the mixing would silently change every run that a seed stands for.</summary>
    [Fact]
    public void A_path_leads_to_a_place_that_never_moves()
    {
        // Computed apart: FNV-1a of the name, SplitMix64's finaliser (see the doc of Seed).
        Assert.Equal(ExpectedValues.NamedWeights, Root.For("weights").Value);
        Assert.Equal(ExpectedValues.Number0, Root.For(0).Value);
        Assert.Equal(ExpectedValues.NamedWeightsNumber3, Root.For("weights").For(3).Value);
    }

    [Fact]
    public void Other_names_numbers_and_roots_give_other_streams()
    {
        var names = new[] { "weights", "order", "augmentation", "attack", "attacks", "kcatta", "" };
        var numbers = Enumerable.Range(-1, 10_001).Select(number => Root.For(number));
        var roots = Enumerable.Range(0, 1_000).Select(root => new Seed((ulong)root).For("attack"));
        Seed[] seeds =
        [
            Root, .. names.Select(Root.For), .. numbers, .. roots.Where(seed => seed != Root.For("attack")),
            Root.For("attack").For(1), Root.For(1).For("attack"), Root.For(1).For(2), Root.For(2).For(1),
        ];

        Assert.Equal(seeds.Length, seeds.Distinct().Count());
    }

    [Fact]
    public void Drawing_from_one_stream_does_not_move_another()
    {
        var untouched = Draws(Root.For("order"));

        using var weights = Root.For("weights").TorchGenerator();
        using var order = Root.For("order").TorchGenerator();
        using var drawn = rand([1000], generator: weights);
        using var after = rand([untouched.Length], generator: order);

        Assert.Equal(untouched, after.data<float>().ToArray());
    }

    /// <summary>Neighbours in number, as images of a batch and batches of an epoch are: 10 000 draws each, so a correlation's deviation is 0.01.</summary>
    [Fact]
    public void Neighbouring_streams_are_not_correlated()
    {
        using var scope = NewDisposeScope();
        var streams = stack(Enumerable.Range(0, 8).Select(number => tensor(Draws(Root.For("attack").For(number), 10_000))));
        var centred = streams - streams.mean([1], keepdim: true);
        var correlation = centred.matmul(centred.t()) / centred.ToThePower(2).sum([1]).mean();

        Assert.InRange((correlation - eye(8)).abs().max().item<float>(), 0, 0.05);
    }

    /// <summary>10 000 uniform numbers have a mean of 0.5 +- 0.003 and a lag correlation of 0 +- 0.01 (one deviation).</summary>
    [Fact]
    public void One_uniform_number_from_each_of_many_streams_is_uniform()
    {
        var draws = Enumerable.Range(0, 10_000).Select(number => Root.For("clean start").For(number).Uniform()).ToArray();

        Assert.All(draws, draw => Assert.InRange(draw, 0, 1 - 1e-16));
        Assert.InRange(draws.Average(), 0.485, 0.515);
        Assert.InRange(draws.Count(draw => draw < 0.2), 1_800, 2_200);
        Assert.InRange(draws.Zip(draws.Skip(1)).Average(pair => (pair.First - 0.5) * (pair.Second - 0.5)) * 12, -0.05, 0.05);
    }

    [Fact]
    public void The_process_wide_generator_is_not_touched()
    {
        using var before = random.get_rng_state();

        _ = Draws(Root.For("weights"));
        _ = Root.Random().Next();
        _ = Root.Uniform();

        using var after = random.get_rng_state();
        Assert.True(before.Equals(after));
    }

    private static float[] Draws(Seed seed, int count = 16)
    {
        using var generator = seed.TorchGenerator();
        using var draws = rand([count], generator: generator);
        return draws.data<float>().ToArray();
    }

    private static class ExpectedValues
    {
        public const ulong NamedWeights = 0x236ad911a7e615d6UL, Number0 = 0x910a2dec89025cc1UL, NamedWeightsNumber3 = 0xf3f6be5e9cefb22fUL;
    }
}

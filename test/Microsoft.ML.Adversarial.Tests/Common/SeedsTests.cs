using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Common;

public class SeedsTests
{
    private static readonly Seed[] Rows = [.. Enumerable.Range(0, 5).Select(row => new Seed(7).For(row)), new Seed(ulong.MaxValue), new Seed(0)];

    [Fact]
    public void Numbers_computed_by_a_tensor_are_those_of_the_host_bit_for_bit()
    {
        using var scope = NewDisposeScope();

        var draws = Seeds.Of(Rows).For("start").For(-1).For(long.MaxValue).Uniform(40, CPU).data<float>().ToArray();

        var expected = from row in Rows
                       from position in Enumerable.Range(0, 40)
                       select (row.For("start").For(-1).For(long.MaxValue).For(position).Value >> 40) / (float)(1 << 24);
        Assert.Equal(expected, draws);
    }

    [Fact]
    public void Normal_numbers_are_box_and_mullers_of_the_hosts_upper_and_next_bits()
    {
        using var scope = NewDisposeScope();

        var draws = Seeds.Of(Rows).For("direction").Normal(40, CPU).data<float>().ToArray();

        var expected = from row in Rows
                       from position in Enumerable.Range(0, 40)
                       let bits = row.For("direction").For(position).Value
                       let radius = Math.Sqrt(-2 * Math.Log(1 - (bits >> 40) / (double)(1 << 24)))
                       select radius * Math.Cos(2 * Math.PI * ((bits >> 16) & 0xffffff) / (1 << 24));
        Assert.All(expected.Zip(draws), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    /// <summary>Blocks of rows, vectors of a processor and what is left of them end elsewhere in a batch than in one image; the numbers must not show it.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 37)]
    [InlineData(70, 997)]
    [InlineData(3, 20_011)]
    public void Many_seeds_drawn_together_give_what_each_gives_alone(int count, int length)
    {
        using var scope = NewDisposeScope();
        var seeds = Seeds.Of(Enumerable.Range(0, count).Select(row => new Seed(3).For(row)));
        var (uniform, normal) = (seeds.Uniform(length, CPU), seeds.Normal(length, CPU));

        for (var row = 0; row < count; row++)
        {
            var alone = seeds.Select(tensor((long[])[row]));
            Assert.True(uniform[row].Equals(alone.Uniform(length, CPU)[0]), $"uniform, row {row}");
            Assert.True(normal[row].Equals(alone.Normal(length, CPU)[0]), $"normal, row {row}");
        }
    }

    /// <summary>A tensor on the meta device has no numbers: whatever were read from it by the host would throw.</summary>
    [Fact]
    public void Nothing_is_copied_from_the_device_to_the_host()
    {
        using var scope = NewDisposeScope();
        var seeds = Seeds.Of(Rows).Select(tensor(new long[] { 1, 2 }).to(META)).For("start").For(2);

        Assert.Equal([2, 8], seeds.Uniform(8, META).shape);
        Assert.Equal(TorchSharp.DeviceType.META, seeds.Normal(8, META).device_type);
    }

    /// <summary>64 x 4096 numbers: the mean of products of independent numbers of variance 1 deviates by 0.002.</summary>
    [Fact]
    public void Neighbouring_rows_places_names_and_numbers_are_not_correlated()
    {
        using var scope = NewDisposeScope();
        var seeds = Seeds.Of(Enumerable.Range(0, 64).Select(row => new Seed(1).For(row)));
        var scaled = Math.Sqrt(12);
        Tensor Drawn(Seeds from) => from.Uniform(4096, CPU).AddInPlace(-0.5).TimesInPlace(scaled);
        var draws = Drawn(seeds.For("start"));

        NotCorrelated("rows", draws[1.., ..], draws[..^1, ..]);
        NotCorrelated("places", draws[.., 1..], draws[.., ..^1]);
        NotCorrelated("names", draws, Drawn(seeds.For("starts")));
        NotCorrelated("numbers", Drawn(seeds.For(0).For("start")), Drawn(seeds.For(1).For("start")));
        NotCorrelated("squares", draws[.., 1..].ToThePower(2).Plus(-1), draws[.., ..^1].ToThePower(2).Plus(-1));

        static void NotCorrelated(string what, Tensor first, Tensor second) =>
            Assert.True(Math.Abs((first * second).mean().item<float>()) < 0.01, $"{what}: {(first * second).mean().item<float>()}");
    }

    /// <summary>256 cells of 4096 numbers each (one deviation is 64): chi-square of 255 degrees has a deviation of 22.6.</summary>
    [Fact]
    public void Uniform_numbers_fill_every_cell_alike_and_normal_ones_have_the_bells_tails()
    {
        using var scope = NewDisposeScope();
        var seeds = Seeds.Of(Enumerable.Range(0, 256).Select(row => new Seed(2).For(row)));
        var cells = seeds.Uniform(4096, CPU).Times(256).to(int64).flatten().bincount(null, 256).to(float64);

        Assert.InRange(cells.Plus(-4096).ToThePower(2).sum().item<double>() / 4096, 255 - 5 * 22.6, 255 + 5 * 22.6);
        var normal = seeds.Normal(4096, CPU);
        Assert.Equal(0.3173, normal.abs().IsAtMost(1).logical_not().to(float32).mean().item<float>(), 0.003);
        Assert.Equal(0.0027, normal.abs().IsAtMost(3).logical_not().to(float32).mean().item<float>(), 0.0003);
    }
}

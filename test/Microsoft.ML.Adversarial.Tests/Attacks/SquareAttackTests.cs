using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

public class SquareAttackTests(AttackedNetworks networks) : IClassFixture<AttackedNetworks>
{
    [Theory]
    [InlineData(1, 0.8)]
    [InlineData(10, 0.8)]
    [InlineData(11, 0.4)]
    [InlineData(50, 0.4)]
    [InlineData(51, 0.2)]
    [InlineData(201, 0.1)]
    [InlineData(501, 0.05)]
    [InlineData(1001, 0.025)]
    [InlineData(2001, 0.0125)]
    [InlineData(4001, 0.00625)]
    [InlineData(6001, 0.003125)]
    [InlineData(8001, 0.0015625)]
    [InlineData(99_999, 0.0015625)]
    public void The_share_halves_after_the_papers_queries(int query, double expected) =>
        Assert.Equal(expected, SquareSchedule.Share(0.8, query), 12);

    [Theory]
    // sqrt(0.8 x 1024) is 28.6; sqrt(0.00625 x 1024) is 2.5, to the even neighbour; sqrt(0.0015625 x 1024) is 1.26.
    [InlineData(0.8, 32, 32, 1, 29)]
    [InlineData(0.4, 32, 32, 1, 20)]
    [InlineData(0.05, 32, 32, 1, 7)]
    [InlineData(0.0015625, 32, 32, 1, 1)]
    [InlineData(0.0015625, 8, 8, 1, 1)]
    [InlineData(0.0015625, 32, 32, 3, 3)]
    [InlineData(0.8, 8, 100, 1, 8)]
    [InlineData(0.8, 2, 2, 3, 2)]
    public void The_side_covers_the_share_and_stays_inside_the_image(double share, int height, int width, int least, int expected) =>
        Assert.Equal(expected, SquareSchedule.Side(share, height, width, least));

    [Fact]
    public void A_side_with_a_middle_is_the_next_odd_one_that_fits()
    {
        // 0.8 of 32 x 32 pixels and its halves: 28.6, 20.2, 14.3, 10.1, 7.2, 5.06, 3.6, 2.5, 1.8 and 1.3 before rounding.
        Assert.Equal([29, 21, 15, 11, 7, 5, 5, 3, 3, 3], Enumerable.Range(0, 10).Select(halvings => SquareSchedule.OddSide(0.8 / (1 << halvings), 32, 32, least: 3)));
        Assert.Equal([7, 5, 1, 1], new[] { 8, 6, 2, 1 }.Select(size => SquareSchedule.OddSide(1, size, size, least: 3)));
    }

    [Fact]
    public void It_starts_with_vertical_stripes_of_a_whole_radius()
    {
        using var scope = NewDisposeScope();
        var images = TestImages.Grey(4, 3, 6, 6);

        var start = new CornerSquarePainter(Budget.LInf(8)).Start(images, ImageRandom.FromSeed(1, 4));

        var moves = TestImages.ToArray((start - images).abs());
        Assert.All(moves, move => Assert.Equal(8 / 255f, move, 1e-6f));
        // A column is of one colour, and the columns, channels and images are not all alike.
        Assert.True((start == start[.., .., ..1, ..]).all().item<bool>());
        Assert.False((start == start[.., .., .., ..1]).all().item<bool>());
        Assert.False((start == start[.., ..1, .., ..]).all().item<bool>());
        Assert.False((start == start[..1]).all().item<bool>());
    }

    [Fact]
    public void A_square_is_painted_at_another_place_in_every_image_with_one_colour_a_channel()
    {
        using var scope = NewDisposeScope();
        const int count = 200, side = 4;
        var images = TestImages.Grey(count, 2, 8, 8);

        var painted = new CornerSquarePainter(Budget.LInf(8)).Paint(images, images, ImageRandom.FromSeed(1, count), share: side * side / 64.0);

        var moved = (painted - images).ne(zeros_like(images));
        Assert.All((moved[.., 0].sum([1, 2]) - ones(count, dtype: int64).AddInPlace(side * side - 1L)).data<long>().ToArray(), difference => Assert.Equal(0, difference));
        var tops = moved[.., 0].any(2).to(int64).argmax(1).data<long>().ToArray();
        var lefts = moved[.., 0].any(1).to(int64).argmax(1).data<long>().ToArray();
        Assert.Equal([0L, 1, 2, 3, 4], tops.Distinct().Order());
        Assert.Equal([0L, 1, 2, 3, 4], lefts.Distinct().Order());
        for (var i = 0; i < count; i++)
            for (var channel = 0; channel < 2; channel++)
            {
                var square = painted[i, channel, (int)tops[i]..(int)(tops[i] + side), (int)lefts[i]..(int)(lefts[i] + side)];
                Assert.Single(TestImages.ToArray(square).Distinct());
                Assert.Equal(8 / 255f, Math.Abs(square[0, 0].item<float>() - 0.5f), 1e-6f);
            }
    }

    [Fact]
    public void The_L2_pattern_has_length_1_a_positive_half_and_a_negative_one()
    {
        var painter = new L2SquarePainter(Budget.L2(0.5));

        // Side 3, by equation 2. Above, one row: 1/1 + 1/4 in the middle, 1/4 beside it. Below, two rows around the middle of the second:
        // 1/4 1/4 1/4 and 1/4 5/4 1/4. Each half has length 1 by itself, the whole another root of 2.
        double upper = Math.Sqrt(1.25 * 1.25 + 2 * 0.0625), lower = Math.Sqrt(1.25 * 1.25 + 5 * 0.0625), both = Math.Sqrt(2);
        float[] expected =
        [
            (float)(0.25 / upper / both), (float)(1.25 / upper / both), (float)(0.25 / upper / both),
            (float)(-0.25 / lower / both), (float)(-0.25 / lower / both), (float)(-0.25 / lower / both),
            (float)(-0.25 / lower / both), (float)(-1.25 / lower / both), (float)(-0.25 / lower / both),
        ];
        Assert.All(expected.Zip(painter.PatternOf(3)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        foreach (var side in (int[])[1, 3, 5, 7, 29])
            Assert.Equal(1, painter.PatternOf(side).Sum(value => value * value), 1e-5);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(3, 9)]
    [InlineData(5, 3)]
    public void L2_candidates_use_the_whole_radius_whatever_the_images_size(int height, int width)
    {
        using var scope = NewDisposeScope();
        const int count = 20;
        var images = TestImages.Grey(count, 3, height, width);
        var painter = new L2SquarePainter(Budget.L2(0.3));

        var candidate = painter.Start(images, ImageRandom.FromSeed(1, count));
        for (var query = 1; query < 30; query++)
        {
            var next = painter.Paint(images, candidate, ImageRandom.FromSeed(query, count), SquareSchedule.Share(0.8, query));
            Assert.All(TestImages.ToArray(Budget.L2(0.3).Distance(next, images)), distance => Assert.Equal(0.3, distance, 1e-4));
            candidate = next;
        }
    }

    [Theory]
    [InlineData("L-inf", 1, 1)]
    [InlineData("L-inf", 2, 2)]
    [InlineData("L2", 1, 1)]
    [InlineData("L2", 2, 2)]
    public void It_runs_on_the_smallest_images(string norm, int height, int width)
    {
        using var scope = NewDisposeScope();
        var network = LinearClassifier.Of(3, 3 * height * width);
        var images = TestImages.Grey(10, 3, height, width);
        var labels = network.Logits(images).argmax(1);
        var attack = new SquareAttack(norm == "L2" ? Budget.L2(1) : Budget.LInf(127)) { Queries = 50 };

        var adversarial = attack.Perturb(network, images, labels, ImageRandom.FromSeed(1, 10));

        Assert.True((network.Logits(adversarial).argmax(1) != labels).any().item<bool>());
        Assert.True(attack.Budget.Distance(adversarial, images).max().item<float>() <= attack.Budget.Radius + 1e-6);
    }

    [Fact]
    public void A_candidate_is_kept_only_where_it_lowers_the_margin()
    {
        using var scope = NewDisposeScope();
        const int count = 10;
        var network = LinearClassifier.Of(3, 192, scale: 0.05);
        var images = TestImages.Uniform(count, 3, 8, 8);
        var labels = network.Logits(images).argmax(1);

        var margins = new List<float[]>();
        foreach (var queries in (int[])[1, 2, 4, 8, 16, 32, 64])
        {
            var adversarial = new SquareAttack(Budget.LInf(2)) { Queries = queries }.Craft(network, images, labels, ImageRandom.FromSeed(1, count));
            margins.Add(TestImages.ToArray(LogitMargin.Of(network.Logits(adversarial), labels)));
        }

        for (var i = 1; i < margins.Count; i++)
            Assert.All(margins[i].Zip(margins[i - 1]), pair => Assert.True(pair.First <= pair.Second));
        Assert.True(margins[^1].Average() < margins[0].Average());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_breaks_a_network_without_useful_gradients_that_PGD_leaves_standing(bool isQuantized)
    {
        using var scope = NewDisposeScope();
        const int count = 20;
        var (images, labels) = TestImages.Quarters(count, 3, 8);
        var masked = new MaskedClassifier(networks["residual, frozen"], isQuantized);

        var byPgd = new PgdAttack(Budget.LInf(16)) { Steps = 50 }.Perturb(masked, images, labels, ImageRandom.FromSeed(1, count));
        var bySquare = new SquareAttack(Budget.LInf(16)) { Queries = 300 }.Perturb(masked, images, labels, ImageRandom.FromSeed(1, count));

        Assert.InRange(Accuracy(byPgd), 0.5, 1);
        Assert.InRange(Accuracy(bySquare), 0, 0.25);

        double Accuracy(Tensor seen) => (masked.Logits(seen).argmax(1) == labels).to(float32).mean().item<float>();
    }

    [Fact]
    public void An_image_that_is_broken_is_not_asked_about_again()
    {
        using var scope = NewDisposeScope();
        var sizes = new List<long>();
        var network = networks["residual, frozen"];
        var images = TestImages.Quarters(20, 3, 8).Images;
        var labels = network.Logits(images).argmax(1);

        new SquareAttack(Budget.LInf(16)) { Queries = 400 }.Perturb(new WatchingClassifier(network, seen => sizes.Add(seen.shape[0])), images, labels, ImageRandom.FromSeed(1, 20));

        Assert.Equal(20, sizes[0]);
        Assert.All(sizes.Zip(sizes.Skip(1)), pair => Assert.True(pair.Second <= pair.First));
        Assert.True(sizes[^1] < 10);
    }

    [Fact]
    public void It_needs_no_gradient_and_prints_its_queries()
    {
        Assert.False(new SquareAttack(Budget.LInf(8)).NeedsGradient);
        Assert.True(new PgdAttack(Budget.LInf(8)).NeedsGradient);
        Assert.Equal("Square (L-inf 8/255, 5000 queries)", new SquareAttack(Budget.LInf(8)).ToString());
        Assert.Equal("Square (L2 0.5, 10 queries, first share 0.1)", new SquareAttack(Budget.L2(0.5)) { Queries = 10, FirstShare = 0.1 }.ToString());
        Assert.Throws<ArgumentOutOfRangeException>("Queries", () => new SquareAttack(Budget.LInf(8)) { Queries = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("FirstShare", () => new SquareAttack(Budget.LInf(8)) { FirstShare = 0 });
    }
}

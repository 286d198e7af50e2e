using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>FAB's projection on hyperplanes made by hand, and on many more against the conditions that make a way the shortest.</summary>
public class HyperplaneTests
{
    private const float Exact = 1e-6f;

    private static readonly Budget LInf = Budget.LInf(8), L2 = Budget.L2(0.5);

    [Fact]
    public void The_L_inf_way_moves_all_pixels_alike()
    {
        // x + y = 1.4 from (0.5, 0.5): 0.2 each. 3x - y = 1.4 from there: the gap 0.4 over |3| + |-1|.
        AssertWay([0.2f, 0.2f], LInf, [1, 1], 1.4, [0.5f, 0.5f]);
        AssertWay([0.1f, -0.1f], LInf, [3, -1], 1.4, [0.5f, 0.5f]);
    }

    [Fact]
    public void The_L2_way_is_along_the_normal()
    {
        // 3x + 4y = 4 from (0.5, 0.5): the gap 0.5 over 25, times the normal.
        AssertWay([0.06f, 0.08f], L2, [3, 4], 4, [0.5f, 0.5f]);
        AssertWay([-0.06f, 0.08f], L2, [-3, 4], 1, [0.5f, 0.5f]);
    }

    [Fact]
    public void A_pixel_that_meets_black_or_white_leaves_the_rest_of_the_way_to_the_others()
    {
        // x + y = 1.6 from (0.9, 0.3): x has room for 0.1, y walks 0.3.
        AssertWay([0.1f, 0.3f], LInf, [1, 1], 1.6, [0.9f, 0.3f]);
        AssertWay([0.1f, 0.3f], L2, [1, 1], 1.6, [0.9f, 0.3f]);
        // 2x + y = 2.3 from (0.9, 0.2), gap 0.3: L2 wants (0.12, 0.06); x stops at 0.1, y walks the 0.1 that is left.
        AssertWay([0.1f, 0.1f], L2, [2, 1], 2.3, [0.9f, 0.2f]);
    }

    [Fact]
    public void A_pixel_without_weight_stays_and_a_point_on_the_plane_too()
    {
        AssertWay([0, 0.2f], LInf, [0, 1], 0.7, [0.5f, 0.5f]);
        AssertWay([0, 0.2f], L2, [0, 1], 0.7, [0.5f, 0.5f]);
        AssertWay([0, 0], LInf, [2, 1], 1.5, [0.5f, 0.5f]);
        AssertWay([0, 0], L2, [2, 1], 1.5, [0.5f, 0.5f]);
        AssertWay([0, 0], LInf, [0, 0], 1, [0.5f, 0.5f]);
        AssertWay([0, 0], L2, [0, 0], 1, [0.5f, 0.5f]);
    }

    [Fact]
    public void A_plane_outside_the_pixel_range_is_approached_as_far_as_the_corner()
    {
        AssertWay([0.5f, -0.5f], LInf, [1, -1], 3, [0.5f, 0.5f]);
        AssertWay([0.5f, -0.5f], L2, [1, -2], 3, [0.5f, 0.5f]);
    }

    [Theory]
    [InlineData("L-inf")]
    [InlineData("L2")]
    public void A_way_ends_on_the_plane_inside_the_range_and_none_is_shorter(string norm)
    {
        using var scope = NewDisposeScope();
        const int count = 200;
        var budget = norm == "L2" ? L2 : LInf;
        var (points, others) = (TestImages.Uniform(count, 3, 4, 4), TestImages.Uniform(count, 3, 4, 4, seed: 8));
        var weights = TestImages.Uniform(count, 3, 4, 4, seed: 9).Plus(-0.5);
        // Every plane goes through some image, so that it can be reached.
        var plane = new Hyperplane(others, zeros(count), weights);

        var way = plane.ShortestWay(budget, points);

        var end = points.Plus(way);
        Assert.True(weights.mul(end - others).flatten(1).sum(1).abs().max().item<float>() < 1e-5);
        Assert.InRange(end.min().item<float>(), -Exact, 1 + Exact);
        Assert.InRange(end.max().item<float>(), -Exact, 1 + Exact);
        // Steps along the plane, cut to the range, as rivals: the way there, then back onto the plane by a pixel with room.
        var length = TestImages.ToArray(budget.Distance(end, points));
        var direct = TestImages.ToArray(new Hyperplane(points, weights.mul(points - others).flatten(1).sum(1), weights).Distance(budget));
        Assert.All(length.Zip(direct), pair => Assert.True(pair.First >= pair.Second - Exact));
        var rival = TestImages.ToArray(budget.Distance(others, points));
        Assert.All(length.Zip(rival), pair => Assert.True(pair.First <= pair.Second + Exact));
        foreach (var share in (double[])[0.01, 0.1, 0.5])
        {
            // Every point between the end and another of the plane and the range is one too; the set is convex, so a nearer one would show here.
            var between = end.PlusScaled(others.sub(end), share);
            Assert.All(length.Zip(TestImages.ToArray(budget.Distance(between, points))), pair => Assert.True(pair.First <= pair.Second + Exact));
        }
    }

    [Fact]
    public void The_distance_is_the_value_over_the_dual_norm()
    {
        using var scope = NewDisposeScope();
        var plane = new Hyperplane(tensor([0.5f, 0.5f], [1, 1, 1, 2]), tensor([-2.5f]), tensor([3f, -4f], [1, 1, 1, 2]));

        Assert.Equal(2.5 / 7, plane.Distance(LInf).item<float>(), Exact);
        Assert.Equal(2.5 / 5, plane.Distance(L2).item<float>(), Exact);
    }

    [Fact]
    public void The_boundary_of_a_linear_function_is_where_it_is_zero_from_wherever_it_is_sought()
    {
        using var scope = NewDisposeScope();
        // f = 2x - y + 0.25 at (0.5, 0.5) is 0.75; at (0.3, 0.4) it is 0.45, which all pixels alike lose after 0.15.
        var plane = new Hyperplane(tensor([0.5f, 0.5f], [1, 1, 1, 2]), tensor([0.75f]), tensor([2f, -1f], [1, 1, 1, 2]));

        var way = TestImages.ToArray(plane.ShortestWay(LInf, tensor([0.3f, 0.4f], [1, 1, 1, 2])));

        Assert.Equal(-0.15f, way[0], Exact);
        Assert.Equal(0.15f, way[1], Exact);
    }

    [Theory]
    [InlineData("L-inf")]
    [InlineData("L2")]
    public void A_way_is_the_same_bit_for_bit_whatever_images_are_beside_it(string norm)
    {
        using var scope = NewDisposeScope();
        const int count = 60;
        var budget = norm == "L2" ? L2 : LInf;
        var (images, points, weights) = (TestImages.Uniform(count, 3, 4, 4), TestImages.Uniform(count, 3, 4, 4, seed: 8), TestImages.Uniform(count, 3, 4, 4, seed: 9).Plus(-0.5));

        var together = new Hyperplane(points, zeros(count), weights).ShortestWay(budget, images);

        for (var image = 0; image < count; image++)
        {
            var alone = new Hyperplane(points[image..(image + 1)], zeros(1), weights[image..(image + 1)]).ShortestWay(budget, images[image..(image + 1)]);
            Assert.True(together[image..(image + 1)].Equals(alone), $"{image}");
        }
    }

    /// <summary>Pixels meet their walls one after another, each with a speed of its own.</summary>
    [Fact]
    public void Many_walls_on_the_way_do_not_keep_it_from_the_plane()
    {
        using var scope = NewDisposeScope();
        const int pixels = 300;
        var weights = tensor([.. Enumerable.Range(1, pixels).Select(pixel => (float)Math.Pow(1.05, -pixel))], [1, 1, 1, pixels]);
        var images = tensor([.. Enumerable.Range(1, pixels).Select(pixel => (float)(1 - Math.Pow(0.97, pixel)))], [1, 1, 1, pixels]);
        foreach (var budget in (Budget[])[LInf, L2])
        {
            // The plane through nine tenths of all room.
            var value = weights.mul(ones_like(images).sub(images)).sum().Times(-0.9).view(1);
            var end = images.Plus(new Hyperplane(images, value, weights).ShortestWay(budget, images));

            Assert.InRange(value.Plus(weights.mul(end.sub(images)).sum()).abs().item<float>(), 0, 1e-5);
            Assert.InRange(end.max().item<float>(), 0, 1 + Exact);
        }
    }

    private static void AssertWay(float[] expected, Budget budget, float[] weights, double offset, float[] point)
    {
        using var scope = NewDisposeScope();

        var way = TestImages.ToArray(Plane(weights, offset).ShortestWay(budget, tensor(point, [1, 1, 1, point.Length])));

        Assert.All(expected.Zip(way), pair => Assert.Equal(pair.First, pair.Second, Exact));
    }

    /// <summary>The points x with weights · x = offset.</summary>
    private static Hyperplane Plane(float[] weights, double offset) => new(zeros(1, 1, 1, weights.Length), tensor([(float)-offset]), tensor(weights, [1, 1, 1, weights.Length]));
}

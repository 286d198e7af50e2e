using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

public class BudgetTests
{
    private const float Exact = 1e-6f;

    private static readonly Dictionary<string, Budget> Budgets = new()
    {
        ["L-inf"] = Budget.LInf(8),
        ["L-inf, all of the range"] = Budget.LInf(255),
        ["L2"] = Budget.L2(0.5),
        ["L2, larger than the range"] = Budget.L2(30),
        ["L-inf, nothing"] = Budget.LInf(0),
        ["L2, nothing"] = Budget.L2(0),
    };

    public static TheoryData<string> BudgetNames => [.. Budgets.Keys];

    [Theory]
    [MemberData(nameof(BudgetNames))]
    public void A_random_start_lies_inside_the_ball_and_the_range(string name)
    {
        using var scope = NewDisposeScope();
        var budget = Budgets[name];
        var images = TestImages.Uniform(50, 3, 5, 5);

        var start = budget.RandomStart(images, ImageRandom.FromSeed(1, 50));

        Assert.True(budget.Distance(start, images).max().item<float>() <= budget.Radius + Exact);
        Assert.InRange(start.min().item<float>(), 0, 1);
        Assert.InRange(start.max().item<float>(), 0, 1);
    }

    [Fact]
    public void An_L_inf_start_is_uniform_in_the_ball()
    {
        using var scope = NewDisposeScope();
        var images = TestImages.Grey(40, 3, 16, 16);

        var start = Budget.LInf(16).RandomStart(images, ImageRandom.FromSeed(2, 40));

        var offsets = TestImages.ToArray(start - images).Select(offset => offset / (16 / 255.0)).ToList();

        // 30 720 draws: standard errors are 0.0033, 0.0017 and 0.0017. Normal draws would pile up at the ends or near zero.
        Assert.Equal(0, offsets.Average(), 0.015);
        Assert.Equal(0.5, offsets.Average(offset => Math.Abs(offset)), 0.01);
        Assert.Equal(1 / 3.0, offsets.Average(offset => offset * offset), 0.01);
        foreach (var quantile in (double[])[-0.9, -0.5, 0, 0.5, 0.9])
            Assert.Equal((quantile + 1) / 2, Share(offsets, offset => offset < quantile), 0.015);
        Assert.True(Share(offsets, offset => Math.Abs(offset) > 0.9999) < 0.01);
    }

    [Fact]
    public void An_L2_start_is_uniform_in_the_ball()
    {
        using var scope = NewDisposeScope();
        const int count = 4000;
        var budget = Budget.L2(0.25);
        // Two pixels: a disc, in which half of the radius holds a quarter of the area.
        var images = TestImages.Grey(count, 1, 1, 2);

        var start = budget.RandomStart(images, ImageRandom.FromSeed(3, count));

        var distances = TestImages.ToArray(budget.Distance(start, images)).Select(distance => distance / 0.25).ToList();
        Assert.Equal(2 / 3.0, distances.Average(), 0.02);
        Assert.Equal(0.25, Share(distances, distance => distance < 0.5), 0.03);
        var offsets = TestImages.ToArray(start - images).Chunk(2).ToList();
        for (var quadrant = 0; quadrant < 4; quadrant++)
        {
            var (isRight, isUp) = (quadrant % 2 == 0, quadrant / 2 == 0);
            Assert.Equal(0.25, Share(offsets, offset => offset[0] > 0 == isRight && offset[1] > 0 == isUp), 0.03);
        }
    }

    [Fact]
    public void The_steepest_L_inf_direction_is_the_gradients_sign()
    {
        using var scope = NewDisposeScope();
        var gradient = tensor([1e-20f, -300f, 0f, 2f], [1, 1, 2, 2]);

        AssertClose([1, -1, 0, 1], Budget.LInf(8).SteepestDirection(gradient));
    }

    [Fact]
    public void The_steepest_L2_direction_has_length_1_along_the_gradient_whatever_the_gradients_own()
    {
        using var scope = NewDisposeScope();
        var gradient = tensor([3f, -4f, 3e-30f, 4e-30f], [2, 1, 1, 2]);

        AssertClose([0.6f, -0.8f, 0.6f, 0.8f], Budget.L2(1).SteepestDirection(gradient));
    }

    [Theory]
    [MemberData(nameof(BudgetNames))]
    public void A_zero_gradient_has_no_direction(string name)
    {
        using var scope = NewDisposeScope();

        var direction = Budgets[name].SteepestDirection(zeros(3, 1, 2, 2));

        Assert.All(TestImages.ToArray(direction), value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(BudgetNames))]
    public void A_random_direction_has_length_1_in_the_budgets_norm_and_is_another_for_every_image(string name)
    {
        using var scope = NewDisposeScope();
        var images = zeros(20, 3, 4, 4);

        var directions = Budgets[name].RandomDirection(images, ImageRandom.FromSeed(1, 20));

        Assert.All(TestImages.ToArray(Budgets[name].Distance(directions, images)), length => Assert.Equal(1, length, 1e-5f));
        Assert.Equal(20, TestImages.ToArray(directions[.., 0, 0, 0]).Distinct().Count());
        Assert.Contains(TestImages.ToArray(directions), value => value < 0);
    }

    [Fact]
    public void Projection_onto_the_L_inf_ball_clips_every_pixel_to_ball_and_range()
    {
        using var scope = NewDisposeScope();
        var images = tensor([0.5f, 0.5f, 0.5f, 0f, 1f, 0.9f], [1, 1, 2, 3]);
        var candidates = tensor([0.9f, 0.1f, 0.55f, -1f, 2f, 0.99f], [1, 1, 2, 3]);

        var projected = Budget.LInf(51).Project(candidates, images);

        AssertClose([0.7f, 0.3f, 0.55f, 0f, 1f, 0.99f], projected);
    }

    [Fact]
    public void Projection_onto_the_L2_ball_shortens_what_is_too_long_and_keeps_the_rest()
    {
        using var scope = NewDisposeScope();
        var images = tensor([0.5f, 0.5f, 0.5f, 0.5f, 0.9f, 0.5f], [3, 1, 1, 2]);
        var candidates = tensor([0.5f + 0.3f, 0.5f + 0.4f, 0.6f, 0.5f, 0.9f + 0.6f, 0.5f - 0.8f], [3, 1, 1, 2]);

        var projected = Budget.L2(0.25).Project(candidates, images);

        // Lengths 0.5, 0.1 and 1. The last pixel pair is cut to 0.15 and -0.2, then the first of them to white.
        AssertClose([0.65f, 0.7f, 0.6f, 0.5f, 1f, 0.3f], projected);
    }

    [Theory]
    [MemberData(nameof(BudgetNames))]
    public void Projection_leads_into_ball_and_range_and_leaves_what_is_inside(string name)
    {
        using var scope = NewDisposeScope();
        var budget = Budgets[name];
        var images = TestImages.Uniform(20, 3, 4, 4);
        var candidates = images.PlusScaled(TestImages.Uniform(20, 3, 4, 4, seed: 8).Plus(-0.5), 4);

        var once = budget.Project(candidates, images);
        var twice = budget.Project(once, images);

        Assert.True(budget.Distance(once, images).max().item<float>() <= budget.Radius + Exact);
        Assert.InRange(once.min().item<float>(), 0, 1);
        Assert.InRange(once.max().item<float>(), 0, 1);
        Assert.True((once - twice).abs().max().item<float>() <= Exact);
        Assert.Equal(TestImages.ToArray(images), TestImages.ToArray(budget.Project(images, images)));
    }

    [Theory]
    [MemberData(nameof(BudgetNames))]
    public void Geometry_changes_none_of_its_arguments(string name)
    {
        using var scope = NewDisposeScope();
        var budget = Budgets[name];
        var images = TestImages.Uniform(2, 1, 3, 3);
        var candidates = images.Plus(0.7);
        var gradient = TestImages.Uniform(2, 1, 3, 3, seed: 8).Plus(-0.5);
        var before = (Images: TestImages.ToArray(images), Candidates: TestImages.ToArray(candidates), Gradient: TestImages.ToArray(gradient));

        budget.RandomStart(images, ImageRandom.FromSeed(1, 2));
        budget.RandomDirection(images, ImageRandom.FromSeed(1, 2));
        budget.SteepestDirection(gradient);
        budget.Project(candidates, images);
        budget.Distance(candidates, images);

        Assert.Equal(before.Images, TestImages.ToArray(images));
        Assert.Equal(before.Candidates, TestImages.ToArray(candidates));
        Assert.Equal(before.Gradient, TestImages.ToArray(gradient));
    }

    [Fact]
    public void Distances_are_measured_by_image()
    {
        using var scope = NewDisposeScope();
        var images = tensor([0.5f, 0.5f, 0.1f, 0.2f], [2, 1, 1, 2]);
        var candidates = tensor([0.8f, 0.1f, 0.1f, 0.2f], [2, 1, 1, 2]);

        AssertClose([0.4f, 0f], Budget.LInf(8).Distance(candidates, images));
        AssertClose([0.5f, 0f], Budget.L2(1).Distance(candidates, images));
    }

    private static double Share<T>(List<T> values, Func<T, bool> predicate) => values.Count(predicate) / (double)values.Count;

    private static void AssertClose(float[] expected, Tensor actual)
    {
        var values = TestImages.ToArray(actual);
        Assert.Equal(expected.Length, values.Length);
        Assert.All(values.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, Exact));
    }
}

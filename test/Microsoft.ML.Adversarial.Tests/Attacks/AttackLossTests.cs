using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>The losses on logits small enough to compute by hand (Croce &amp; Hein 2020, equations 6 and 7).</summary>
public class AttackLossTests
{
    private const float Exact = 1e-6f;

    private static readonly float[] Ten = [1, 9, 3, 8, 2, 0, 6, 4, -1, 5];

    [Fact]
    public void Of_two_classes_the_ratio_is_the_margin_alone()
    {
        Assert.Equal(2, Ratio([3, 5], label: 0), Exact);
        Assert.Equal(-2, Ratio([3, 5], label: 1), Exact);
    }

    [Fact]
    public void Of_three_classes_the_ratio_is_divided_by_first_less_third()
    {
        // -(5 - 3) / (5 - 1); then -(3 - 5) / 4; then -(1 - 5) / 4.
        Assert.Equal(-0.5, Ratio([1, 3, 5], label: 2), Exact);
        Assert.Equal(0.5, Ratio([1, 3, 5], label: 1), Exact);
        Assert.Equal(1, Ratio([1, 3, 5], label: 0), Exact);
    }

    [Fact]
    public void Of_ten_classes_the_ratio_looks_at_the_first_three_and_the_true_one()
    {
        // Sorted: 9, 8, 6, 5, 4, ... -(9 - 8) / (9 - 6); -(8 - 9) / 3; -(-1 - 9) / 3.
        Assert.Equal(-1 / 3f, Ratio(Ten, label: 1), Exact);
        Assert.Equal(1 / 3f, Ratio(Ten, label: 3), Exact);
        Assert.Equal(10 / 3f, Ratio(Ten, label: 8), Exact);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Below_four_classes_the_targeted_ratio_is_the_margin_to_the_target_alone(int classes)
    {
        float[] logits = [.. new float[] { 5, 3, -1 }.Take(classes)];

        Assert.Equal(-2, TargetedRatio(logits, label: 0, target: 1), Exact);
        Assert.Equal(2, TargetedRatio(logits, label: 1, target: 0), Exact);
    }

    [Fact]
    public void From_four_classes_the_targeted_ratio_is_divided_by_first_less_the_mean_of_third_and_fourth()
    {
        // -(7 - 1) / (7 - (3 + 1)/2).
        Assert.Equal(-1.2f, TargetedRatio([7, 5, 3, 1], label: 0, target: 3), Exact);
        // -(9 - 5) / (9 - (6 + 5)/2); -(8 - 9) / 3.5.
        Assert.Equal(-4 / 3.5f, TargetedRatio(Ten, label: 1, target: 9), Exact);
        Assert.Equal(1 / 3.5f, TargetedRatio(Ten, label: 3, target: 1), Exact);
    }

    [Fact]
    public void The_ratios_do_not_change_with_the_scale_of_the_logits_and_cross_entropy_dies_of_it()
    {
        float[] huge = [.. Ten.Select(logit => logit * 1e6f)];

        Assert.Equal(Ratio(Ten, 1), Ratio(huge, 1), Exact);
        Assert.Equal(TargetedRatio(Ten, 1, 9), TargetedRatio(huge, 1, 9), Exact);
        Assert.Equal(0, Value(AttackLoss.CrossEntropy, huge, 1, null));
        Assert.All(Gradient(AttackLoss.CrossEntropy, huge, 1), value => Assert.Equal(0, value));
        Assert.Contains(Gradient(AttackLoss.DifferenceOfLogitsRatio, huge, 1), value => value != 0);
    }

    [Fact]
    public void Cross_entropy_is_that_of_the_true_class_or_that_of_the_target_with_its_sign_turned()
    {
        Assert.Equal(Math.Log(1 + Math.Exp(2)), Value(AttackLoss.CrossEntropy, [3, 5], 0, null), Exact);
        Assert.Equal(-Math.Log(1 + Math.Exp(-2)), Value(AttackLoss.CrossEntropy, [3, 5], 0, 1), Exact);
    }

    [Fact]
    public void Targets_are_the_wrong_classes_by_their_logits_on_the_clean_image()
    {
        using var scope = NewDisposeScope();
        var network = new LinearClassifier([.. Ten.Select(_ => new float[1])], Ten);
        var goal = AttackGoal.LikeliestTargets();

        var aims = Enumerable.Range(0, goal.AimCount(10))
            .Select(aim => goal.ChooseTargets(new SearchInput(network, zeros(2, 1, 1, 1), tensor([1L, 7L]), ImageRandom.FromSeed(1, 2), new SearchStart { Aim = aim }))!.data<long>().ToArray()).ToList();

        Assert.Equal([3, 6, 9, 7, 2, 4, 0, 5, 8], aims.Select(aim => aim[0]));
        Assert.Equal([1, 3, 6, 9, 2, 4, 0, 5, 8], aims.Select(aim => aim[1]));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(10, 9)]
    [InlineData(1000, 9)]
    public void There_are_nine_targets_or_as_many_as_there_are_wrong_classes(int classes, int expected) =>
        Assert.Equal(expected, AttackGoal.LikeliestTargets().AimCount(classes));

    [Fact]
    public void Equal_logits_divide_by_nothing_worse_than_almost_zero()
    {
        Assert.Equal(0, Ratio([2, 2, 2, 2], 1));
        Assert.Equal(0, TargetedRatio([2, 2, 2, 2], 1, 2));
    }

    private static float Ratio(float[] logits, int label) => Value(AttackLoss.DifferenceOfLogitsRatio, logits, label, null);

    private static float TargetedRatio(float[] logits, int label, int target) => Value(AttackLoss.DifferenceOfLogitsRatio, logits, label, target);

    private static float Value(AttackLoss loss, float[] logits, int label, int? target)
    {
        using var scope = NewDisposeScope();
        return loss.Values(tensor(logits, [1, logits.Length]), Context(label, target)).item<float>();
    }

    private static LossContext Context(int label, int? target) =>
        new(tensor([(long)label]), target is { } t ? tensor([(long)t]) : null, () => throw new InvalidOperationException("these losses are not of the clean logits"));

    private static float[] Gradient(AttackLoss loss, float[] logits, int label)
    {
        using var scope = NewDisposeScope();
        var variable = tensor(logits, [1, logits.Length]).requires_grad_();
        return TestImages.ToArray(autograd.grad([loss.Values(variable, Context(label, null)).sum()], [variable])[0]);
    }
}

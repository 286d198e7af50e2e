namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>The cases are cases: ONNX Runtime runs each, and what it says about them is worth comparing with.</summary>
public class OperatorCasesTests
{
    public static TheoryData<string> Names => OperatorCases.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_runs_in_ONNX_Runtime_and_gives_finite_numbers(string name)
    {
        var output = OnnxRuntimeOutput.Of(OperatorCases.Named(name));

        Assert.NotEmpty(output.Values);
        Assert.All(output.Values, value => Assert.True(float.IsFinite(value)));
    }

    /// <summary>A kink or a jump on the way would show: the slope over a step is the slope over half of it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Each_that_is_differentiable_has_a_slope(string name)
    {
        var one = OperatorCases.Named(name);
        if (!one.IsDifferentiable)
            return;
        const float Step = 1f / 512;
        // Another one for each number, so that sums do not hide anything.
        float[] direction = OperatorGraph.Uniform(new Seed(4).For(name), one.InputShape, -1, 1);

        var (slope, half) = (Slope(Step), Slope(Step / 2));

        Assert.True(Math.Abs(slope) > 1e-4, $"the slope is {slope}");
        // float32 leaves 1e-7 / Step of each number's slope open; a jump of 0.01 is a slope of 2.5.
        Assert.InRange(Math.Abs(slope - half), 0, 0.02 * Math.Abs(slope) + 0.005);

        double Slope(float step) => (Projected(step) - Projected(-step)) / (2 * step);

        double Projected(float step)
        {
            var output = OnnxRuntimeOutput.Of(one, [.. one.Input.Zip(direction, (value, along) => value + step * along)]);
            return output.Values.Zip(OperatorGraph.Uniform(new Seed(5).For(name), output.Shape, -1, 1), (value, weight) => (double)value * weight).Sum();
        }
    }

    [Fact]
    public void There_are_many_and_each_has_a_name_of_its_own()
    {
        Assert.True(OperatorCases.All.Count >= 400, $"there are {OperatorCases.All.Count}");
        Assert.Equal([], OperatorCases.All.CountBy(one => one.Name).Where(pair => pair.Value > 1).Select(pair => pair.Key));
    }
}

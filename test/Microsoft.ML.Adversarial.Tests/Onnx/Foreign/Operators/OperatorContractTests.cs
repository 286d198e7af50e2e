using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Every operator of the table, in every form, computes what ONNX Runtime computes, and its gradient is the slope of that.</summary>
public class OperatorContractTests
{
    /// <summary>Forms of operators that no classifier has been seen to use.</summary>
    private static readonly string[] NotUnderstood = ["Conv of a sequence", "AveragePool with dilation", "GatherND by image", "Resize cubic"];

    public static TheoryData<string> Names => [.. OperatorCases.All.Select(one => one.Name).Where(IsUnderstood)];

    public static TheoryData<string> Others => [.. OperatorCases.All.Select(one => one.Name).Where(name => !IsUnderstood(name))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_gives_the_numbers_of_ONNX_Runtime_within_the_bound_that_is_known_before(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var one = OperatorCases.Named(name);
        var expected = OnnxRuntimeOutput.Of(one);
        using var graph = new ReadCase(one);

        var value = graph.Run(tensor(one.Input).reshape(one.InputShape));

        Assert.Equal(expected.Shape, value.shape);
        var largest = expected.Values.Max(Math.Abs);
        Assert.All(value.to(float32).contiguous().data<float>().ToArray().Zip(expected.Values), pair => Assert.InRange(pair.First, pair.Second - 2e-5 * (1 + largest), pair.Second + 2e-5 * (1 + largest)));
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void A_form_that_is_not_understood_is_refused_with_its_node_and_what_was_expected(string name)
    {
        var message = Assert.Throws<InvalidDataException>(() => new ReadCase(OperatorCases.Named(name))).Message;

        Assert.Contains("node 1 ", message, StringComparison.Ordinal);
        Assert.Contains("expected", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_that_is_differentiable_has_the_gradient_that_differences_show(string name)
    {
        var one = OperatorCases.Named(name);
        if (!one.IsDifferentiable)
            return;
        using var scope = NewDisposeScope();
        using var graph = new ReadCase(one, isExact: true);
        var input = tensor(one.Input).reshape(one.InputShape).to(float64).requires_grad_();
        var direction = tensor(OperatorGraph.Uniform(new Seed(4).For(name), one.InputShape, -1, 1)).reshape(one.InputShape).to(float64);
        var output = graph.Run(input);
        var weights = tensor(OperatorGraph.Uniform(new Seed(5).For(name), output.shape, -1, 1)).reshape(output.shape).to(float64);

        Assert.True(output.requires_grad, "no gradient reaches the output");
        var slope = autograd.grad([output.mul(weights).sum()], [input])[0].mul(direction).sum().item<double>();

        const double Step = 1e-6;
        using var noGradient = no_grad();
        var difference = (Projected(Step) - Projected(-Step)) / (2 * Step);
        Assert.True(Math.Abs(slope) > 1e-4, $"the slope is {slope}");
        Assert.InRange(slope, difference - 1e-5 * (1 + Math.Abs(difference)), difference + 1e-5 * (1 + Math.Abs(difference)));

        double Projected(double step) => graph.Run(input.PlusScaled(direction, step)).mul(weights).sum().item<double>();
    }

    private static bool IsUnderstood(string name) => !NotUnderstood.Any(other => name.StartsWith(other, StringComparison.Ordinal));

    /// <summary>A case as the importer reads it, before anything is folded.</summary>
    private sealed class ReadCase : IDisposable
    {
        private readonly OnnxGraphReader reader;
        private readonly GraphPlan plan;
        private readonly Tensor?[] constants;

        public ReadCase(OperatorCase one, bool isExact = false)
        {
            using var file = OnnxFile.Read(new MemoryStream(one.Model), one.Name, folder: null);
            reader = new OnnxGraphReader(file);
            var (input, output) = reader.Read(OperatorCase.InputName, file.Graph.Output[0].Name);
            plan = new GraphPlan(reader.Steps, reader.Constants.Count, input, output);
            constants = [.. reader.Constants.Select(constant => constant is null || !isExact || !constant.is_floating_point() ? constant : constant.to(float64))];
            using var scope = NewDisposeScope();
            OnnxTrace.Of(reader.Steps, reader.Constants, input, tensor(one.Input).reshape(one.InputShape));
        }

        public Tensor Run(Tensor input) => plan.Run(Activations.Given(input), constants, default).Values;

        public void Dispose() => reader.Dispose();
    }
}

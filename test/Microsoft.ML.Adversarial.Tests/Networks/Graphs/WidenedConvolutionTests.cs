using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial.Tests.Networks.Graphs;

/// <summary>A convolution in double precision is done a few channels at a time, and gives what it gives at once.</summary>
public class WidenedConvolutionTests
{
    private const int AtOnce = 1 << 18;

    [Theory]
    [InlineData(20, 24, 3, 1, true)]
    [InlineData(20, 24, 3, 1, false)]
    [InlineData(3, 70, 1, 1, true)]
    [InlineData(6, 12, 3, 3, true)]
    [InlineData(2, 3, 5, 1, true)]
    public void Its_parts_give_the_scores_and_the_gradient_of_the_whole(int channels, int outputs, int window, int groups, bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var generator = new Seed(1).TorchGenerator();
        var images = randn([1, channels, 96, 96], float64, generator: generator).requires_grad_();
        var kernels = randn([outputs, channels / groups, window, window], generator: generator);
        var bias = hasBias ? randn([outputs], float64, generator: generator) : null;
        var weights = randn([1, outputs, 96, 96], float64, generator: generator);
        var convolution = new Convolved(groups);

        var made = new WidenedConvolution(convolution, kernels: 1).Run(new StepInputs([images, kernels, bias], MayOverwrite: false, default))[0];
        var gradient = autograd.grad([made.mul(weights).sum()], [images])[0];

        var whole = functional.conv2d(images, kernels.to(float64), bias, padding: [window / 2, window / 2], groups: groups);
        Assert.Equal(float64, made.dtype);
        Assert.True(made.allclose(whole, rtol: 1e-12, atol: 1e-12));
        Assert.True(gradient.allclose(autograd.grad([whole.mul(weights).sum()], [images])[0], rtol: 1e-12, atol: 1e-12));
    }

    [Fact]
    public void No_part_lays_out_more_windows_or_makes_more_than_fits_unless_a_single_channel_does()
    {
        using var scope = NewDisposeScope();
        var convolution = new Convolved(groups: 1);

        _ = new WidenedConvolution(convolution, kernels: 1).Run(new StepInputs([ones([1, 20, 96, 96], float64), ones(60, 20, 3, 3), null], MayOverwrite: false, default));

        Assert.All(convolution.Parts, part => Assert.InRange(part.Windows, 1, AtOnce));
        Assert.All(convolution.Parts, part => Assert.InRange(part.Made, 1, 2 * AtOnce));
        Assert.Equal(7 * 2, convolution.Parts.Count);
    }

    private sealed class Convolved(long groups) : GraphOperation
    {
        public List<(long Windows, long Made)> Parts { get; } = [];

        public override bool MakesNew => true;

        public override IReadOnlyList<Tensor> Run(StepInputs inputs)
        {
            var (images, kernels) = (inputs[0], inputs[1]);
            var made = functional.conv2d(images, kernels, inputs.Find(2), padding: [kernels.shape[2] / 2, kernels.shape[3] / 2], groups: groups);
            Parts.Add((images.numel() * kernels.shape[2] * kernels.shape[3], made.numel()));
            return [made];
        }
    }
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>Convolutions and their gradients are those of double precision, whatever the processor: libtorch's own are not on all of them.</summary>
[CollectionDefinition(nameof(ConvolutionTests), DisableParallelization = true)]
[Collection(nameof(ConvolutionTests))]
public class ConvolutionTests
{
    /// <summary>A fault that reads memory at random shows in some repetitions alone.</summary>
    private const int Repetitions = 4;

    public static TheoryData<int, int, int, int> Sizes => [..
        from channels in new[] { 1, 3, 4, 16 }
        from outputs in new[] { 4, 10, 16, 24 }
        from kernel in new[] { 1, 3, 7 }
        from stride in new[] { 1, 2 }
        select (channels, outputs, kernel, stride)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Results_and_gradients_are_right_in_every_layout(int channels, int outputs, int kernel, int stride)
    {
        foreach (var isOfImages in new[] { true, false })
            Check(channels, outputs, kernel, stride, groups: 1, isOfImages, float32, 1e-5);
    }

    [Theory]
    [InlineData(4, 4, 4)]
    [InlineData(16, 16, 16)]
    [InlineData(3, 24, 3)]
    [InlineData(8, 16, 8)]
    [InlineData(8, 16, 2)]
    [InlineData(32, 64, 4)]
    public void Grouped_ones_as_well(int channels, int outputs, int groups)
    {
        foreach (var stride in new[] { 1, 2 })
            foreach (var isOfImages in new[] { true, false })
                Check(channels, outputs, kernel: 3, stride, groups, isOfImages, float32, 1e-5);
    }

    [Theory]
    [InlineData(16, 320, 7, 1)]
    [InlineData(320, 16, 7, 1)]
    [InlineData(256, 512, 14, 2)]
    [InlineData(512, 256, 7, 1)]
    [InlineData(32, 512, 32, 1)]
    [InlineData(24, 2048, 7, 1)]
    public void Many_channels_of_single_pixels_as_well_where_torch_has_several_threads(int channels, int outputs, int size, int stride)
    {
        var usual = get_num_threads();
        try
        {
            set_num_threads(2);
            foreach (var isOfImages in new[] { true, false })
                Check(channels, outputs, kernel: 1, stride, groups: 1, isOfImages, float32, 2e-5, size);
            Check(channels, outputs, kernel: 1, stride, groups: 1, isOfImages: true, bfloat16, 0.05, size);
        }
        finally
        {
            set_num_threads(usual);
        }
    }

    /// <summary>Zeros of its own are around an image that is padded at the end.</summary>
    [Theory]
    [InlineData(16, 32, 17)]
    [InlineData(32, 64, 17)]
    [InlineData(64, 128, 9)]
    [InlineData(16, 16, 23)]
    public void Strided_ones_without_padding_as_well(int channels, int outputs, int size) =>
        Check(channels, outputs, kernel: 3, stride: 2, groups: 1, isOfImages: true, float32, 1e-5, size, padding: 0);

    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 16)]
    [InlineData(16, 10)]
    public void And_in_bfloat16_within_its_rounding(int channels, int outputs) =>
        Check(channels, outputs, kernel: 3, stride: 1, groups: 1, isOfImages: true, bfloat16, 0.05);

    private static void Check(int channels, int outputs, int kernel, int stride, int groups, bool isOfImages, ScalarType type, double tolerance, int size = 12, int? padding = null)
    {
        using var generator = new Seed(1).TorchGenerator();
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            using var scope = NewDisposeScope();
            var images = randn([2, channels, size, size], generator: generator);
            var kernels = randn([outputs, channels / groups, kernel, kernel], generator: generator);
            var actual = Run((isOfImages ? FrozenTensor.ChannelsLast(images) : images).to(type), kernels.to(type));
            var expected = Run(images.to(type).to(float64), kernels.to(type).to(float64));
            foreach (var (value, wanted) in actual.Zip(expected))
                Assert.InRange(value.to(float64).sub(wanted).abs().max().item<double>() / wanted.abs().max().item<double>(), 0, tolerance);
        }

        Tensor[] Run(Tensor images, Tensor kernels)
        {
            var (variable, weights) = (images.detach().requires_grad_(), kernels.detach().requires_grad_());
            var result = Convolution.Of(variable, weights, null, [stride, stride], [padding ?? kernel / 2, padding ?? kernel / 2], null, groups);
            return [result.detach(), .. autograd.grad([result.to(float64).mul(result.to(float64)).sum()], [variable, weights])];
        }
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

public class PixelNormalizationTests
{
    private static readonly NetworkArchitecture Colour = new() { Backbone = new ResNet(8) { Width = 8 }, Image = new ImageShape(3, 16, 16), ClassCount = 4 };

    /// <summary>The images are turned beforehand so that the network's own normalisation undoes it: the first convolution sees the same, but for rounding.</summary>
    [Fact]
    public void Each_channel_enters_with_its_own_mean_and_deviation()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var symmetric = ImageNetwork.Create(Colour, CPU, new Seed(1));
        using var imageNet = ImageNetwork.Create(Colour with { Pixels = PixelNormalization.ImageNet }, CPU, new Seed(1));
        var images = TinyNetworks.Images(Colour.Image, 4);
        var (mean, deviation) = (tensor(new[] { 0.485f, 0.456f, 0.406f }, [1, 3, 1, 1]), tensor(new[] { 0.229f, 0.224f, 0.225f }, [1, 3, 1, 1]));

        var normalized = (images - mean) / deviation;
        var expected = Logits(symmetric, normalized.Times(0.5).Plus(0.5));

        Assert.InRange(TinyNetworks.Difference(expected, Logits(imageNet, images)), 0, 1e-5);
        Assert.True(TinyNetworks.Difference(expected, Logits(symmetric, images)) > 1e-3, "The normalisation is not seen.");
    }

    [Fact]
    public void The_same_numbers_for_each_channel_are_one_number_for_all()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var one = ImageNetwork.Create(Colour, CPU, new Seed(1));
        using var each = ImageNetwork.Create(Colour with { Pixels = new PixelNormalization([0.5, 0.5, 0.5], [0.5]) }, CPU, new Seed(1));
        var images = TinyNetworks.Images(Colour.Image, 4);

        Assert.Equal(Logits(one, images).data<float>(), Logits(each, images).data<float>());
    }

    [Fact]
    public void Values_are_equal_by_their_numbers_and_say_them()
    {
        Assert.Equal(PixelNormalization.ImageNet, new PixelNormalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]));
        Assert.NotEqual(PixelNormalization.ImageNet, new PixelNormalization([0.485, 0.456, 0.406], [0.229]));
        Assert.NotEqual(PixelNormalization.ImageNet, new PixelNormalization([0.485, 0.456, 0.5], [0.229, 0.224, 0.225]));
        Assert.Equal(PixelNormalization.SymmetricRange, new NetworkArchitecture { Backbone = new ResNet(8), Image = Colour.Image, ClassCount = 2 }.Pixels);
        Assert.Equal("(pixel - 0.5)/0.5", $"{PixelNormalization.SymmetricRange}");
        Assert.Equal("(pixel - [0.485, 0.456, 0.406])/[0.229, 0.224, 0.225]", $"{PixelNormalization.ImageNet}");
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new PixelNormalization([], [0.5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelNormalization([0.5], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelNormalization([123.7], [58.4]));
        Assert.Equal(
            "The mean has 3 numbers and the deviation 2; expected one for all channels, or one for each channel.",
            Assert.Throws<ArgumentException>(() => new PixelNormalization([0.5, 0.5, 0.5], [0.5, 0.5])).Message);
    }

    [Fact]
    public void Numbers_for_other_channels_than_the_images_have_are_refused()
    {
        var grey = Colour with { Image = new ImageShape(1, 16, 16), Pixels = PixelNormalization.ImageNet };

        Assert.Equal(
            "PixelNormalization has numbers for 3 channels, and the images have 1; expected one number for all channels, or one for each.",
            Assert.Throws<ArgumentException>(() => new ImageNetwork(grey, META)).Message);
    }

    [Fact]
    public void Normalising_by_channel_leaves_no_tensor_behind()
    {
        using var network = ImageNetwork.Create(Colour with { Pixels = PixelNormalization.ImageNet }, CPU, new Seed(1));
        using var images = TinyNetworks.Images(Colour.Image, 2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Running)).Dispose();
        using (var frozen = network.Freeze(ImageDomain.Clean))
            frozen.Logits(images).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Logits(ImageNetwork network, Tensor images) => network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Running));
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>A written network comes back as the same network.</summary>
public class OnnxReaderTests
{
    /// <summary>The same float32 operations on the same numbers: all but the last bits of group normalisation's epsilon.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Kinds => TinyNetworks.Names;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_network_that_was_read_gives_the_logits_and_gradients_of_the_one_that_was_written(string kind)
    {
        using var scope = NewDisposeScope();
        using var frozen = WrittenNetworks.Freeze(kind);
        var (read, names) = WrittenNetworks.Read(OnnxWriter.Write(frozen, WrittenNetworks.Names(kind)));
        using var owned = read;
        var images = TinyNetworks.Images(kind, 5);

        var expected = frozen.Logits(images);

        Assert.True(expected.std().item<float>() > 0.1, "every logit is the same: the test sees nothing");
        Assert.InRange(TinyNetworks.Difference(expected, read.Logits(images)), 0, Tolerance);
        var gradient = Gradient(frozen, kind);
        Assert.True(gradient.abs().max().item<float>() > 1e-6);
        Assert.InRange(((gradient - Gradient(read, kind)).abs().max() / gradient.abs().max()).item<float>(), 0, Tolerance);
        Assert.Equal((frozen.Image, frozen.ClassCount), (read.Image, read.ClassCount));
        Assert.Equal(WrittenNetworks.Names(kind).ClassNames, names.ClassNames);
        Assert.All(read.Layers.SelectMany(layer => layer.Tensors), tensor => Assert.False(tensor.requires_grad));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_read_and_written_again_is_the_same_file(string kind)
    {
        var written = WrittenNetworks.Write(kind);

        var (read, names) = WrittenNetworks.Read(written);
        using var owned = read;

        Assert.True(written.AsSpan().SequenceEqual(OnnxWriter.Write(read, names)));
    }

    [Theory]
    [InlineData(TinyNetworks.Plain, false, 0, 255, false)]
    [InlineData(TinyNetworks.Plain, true, -1, 2, true)]
    [InlineData(TinyNetworks.Group, true, 0, 255, false)]
    [InlineData("three stages, depth 14, colour, 20 x 28", true, 0, 1, false)]
    [InlineData("three stages, depth 14, colour, 20 x 28", false, -1, 2, true)]
    [InlineData("three stages, scaling by channel", true, 0.25f, 1, true)]
    [InlineData("four stages, bottleneck, large stem, other scaling", true, -3, 7.5f, true)]
    public void Names_layout_range_and_form_come_back(string kind, bool isInterleaved, float minimum, float span, bool isSingleImage)
    {
        var names = WrittenNetworks.Names(kind) with
        {
            IsInterleaved = isInterleaved,
            PixelMinimum = minimum,
            PixelSpan = span,
            IsSingleImage = isSingleImage,
            Logits = isSingleImage ? null : "The logits",
            Domain = isInterleaved ? ImageDomain.Clean : null,
        };
        using var frozen = WrittenNetworks.Freeze(kind);
        var written = OnnxWriter.Write(frozen, names);

        var (read, its) = WrittenNetworks.Read(written);
        using var owned = read;

        Assert.Equal(names.ClassNames, its.ClassNames);
        Assert.Equal(names, its with { ClassNames = names.ClassNames });
        Assert.Equal(frozen.Image, read.Image);
        Assert.True(written.AsSpan().SequenceEqual(OnnxWriter.Write(read, its)));
    }

    [Fact]
    public void Reading_leaves_nothing_but_the_network_and_that_ends_with_its_disposal()
    {
        var written = WrittenNetworks.Write("four stages, basic, large stem, odd size");
        var group = WrittenNetworks.Write(TinyNetworks.Group);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        foreach (var bytes in new[] { written, group })
        {
            var (read, _) = WrittenNetworks.Read(bytes);
            Assert.Equal(before + read.Layers.SelectMany(layer => layer.Tensors).Count(), DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            read.Dispose();
            read.Dispose();
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    /// <summary>torch's own memory begins at multiples of 64 bytes, on which the rounding of matrix products depends; an array's does not.</summary>
    [Fact]
    public void The_weights_do_not_lie_in_memory_that_NET_moves()
    {
        using var scope = NewDisposeScope();
        var (read, _) = WrittenNetworks.Read(WrittenNetworks.Write(TinyNetworks.Plain));
        using var owned = read;

        Assert.All(read.Layers.SelectMany(layer => layer.Tensors).Where(tensor => tensor.is_contiguous()), tensor => Assert.Equal(0, Address(tensor) % 64));
    }

    [Fact]
    public void A_loan_lives_as_long_as_its_owner_and_frees_nothing()
    {
        using var scope = NewDisposeScope();
        using var frozen = WrittenNetworks.Freeze(TinyNetworks.Plain);
        var images = TinyNetworks.Images(TinyNetworks.Plain, 2);
        var expected = frozen.Logits(images);

        var loan = frozen.Lend();
        Assert.True(expected.Equals(loan.Logits(images)));
        loan.Dispose();

        Assert.True(expected.Equals(frozen.Logits(images)));
    }

    private static long Address(Tensor tensor) =>
        Unsafe.ByteOffset(in Unsafe.NullRef<byte>(), in MemoryMarshal.GetReference(tensor.bytes));

    private static Tensor Gradient(FrozenNetwork network, string kind)
    {
        var images = TinyNetworks.Images(kind, 4).requires_grad_();
        var loss = nn.functional.cross_entropy(network.Logits(images), TinyNetworks.Labels(kind, 4), reduction: nn.Reduction.Sum);
        return autograd.grad([loss], [images])[0];
    }
}

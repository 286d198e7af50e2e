using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>Clean and adversarial images in one weight update (METHODS 1.3): as one batch, or as two that do not see each other.</summary>
public class NetworkUpdateTests
{
    /// <summary>float32 sums in another order.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Kinds => TinyNetworks.NamesByNormalization;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Domains_that_are_kept_apart_pass_as_two_batches_and_others_as_one(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        using var byHand = Copy(network);
        var (clean, adversarial) = (TinyNetworks.Images(kind, 3), TinyNetworks.Images(kind, 5, seed: 2));
        var isApart = network.Architecture.Normalization.SeparatesDomains;

        using var update = network.ForUpdate(NormalizationStatistics.Batch);
        var logits = update.Logits(clean, adversarial);

        var joint = isApart ? null : byHand.call(cat([clean, adversarial]), new Phase(ImageDomain.Adversarial, NormalizationStatistics.Batch));
        var expectedClean = joint is null ? byHand.call(clean, new Phase(ImageDomain.Clean, NormalizationStatistics.Batch)) : joint[..3];
        var expectedAdversarial = joint is null ? byHand.call(adversarial, new Phase(ImageDomain.Adversarial, NormalizationStatistics.Batch)) : joint[3..];
        Assert.InRange(TinyNetworks.Difference(expectedClean, logits.Clean), 0, Tolerance);
        Assert.InRange(TinyNetworks.Difference(expectedAdversarial, logits.Adversarial), 0, Tolerance);
        Assert.Equal(TinyNetworks.State(byHand), TinyNetworks.State(network));
    }

    /// <summary>Batch normalisation's one batch lets every image change every other's logits; apart, no image of the one domain reaches the other.</summary>
    [Theory]
    [InlineData(TinyNetworks.Plain, true)]
    [InlineData(TinyNetworks.Mixture, false)]
    [InlineData("mixture, shared affine", false)]
    [InlineData("mixture, shared statistics", false)]
    [InlineData(TinyNetworks.Group, false)]
    [InlineData("none", false)]
    public void The_adversarial_images_change_the_clean_logits_only_where_both_are_one_batch(string kind, bool areOneBatch)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        using var update = network.ForUpdate(NormalizationStatistics.Batch);
        var clean = TinyNetworks.Images(kind, 4);

        var first = update.Logits(clean, TinyNetworks.Images(kind, 4, seed: 2)).Clean;
        var second = update.Logits(clean, TinyNetworks.Images(kind, 4, seed: 3)).Clean;

        Assert.Equal(areOneBatch, TinyNetworks.Difference(first, second) > 1e-3);
        if (!areOneBatch)
            Assert.True(first.Equals(second));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Either_side_may_hold_no_image(string kind)
    {
        using var scope = NewDisposeScope();
        foreach (var checkpoints in (bool[])[false, true])
        {
            foreach (var domain in Enum.GetValues<ImageDomain>())
            {
                using var network = TinyNetworks.Trained(kind);
                using var byHand = Copy(network);
                var images = TinyNetworks.Images(kind, 4);
                var none = images[..0];
                using var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints);

                var (clean, adversarial) = domain == ImageDomain.Clean ? update.Logits(images, none) : update.Logits(none, images);

                var (present, absent) = domain == ImageDomain.Clean ? (clean, adversarial) : (adversarial, clean);
                Assert.Equal([0, update.ClassCount], absent.shape);
                Assert.Equal(!network.Architecture.Normalization.SeparatesDomains, network.HasSeen(domain == ImageDomain.Clean ? ImageDomain.Adversarial : ImageDomain.Clean));
                Assert.True(present.Equals(byHand.call(images, new Phase(domain, NormalizationStatistics.Batch))));
                Assert.Equal(TinyNetworks.State(byHand), TinyNetworks.State(network));
                update.Backward(cat([clean, adversarial]).sum());
                Assert.NotNull(network.get_parameter("conv1.weight")!.grad);
            }
        }
    }

    /// <summary>Logits belong to the caller's scope, whichever way they came about.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Mixing_leaves_nothing_but_the_logits_behind(string kind)
    {
        using var network = TinyNetworks.Fresh(kind);
        using var images = TinyNetworks.Images(kind, 2);
        using var update = network.ForUpdate(NormalizationStatistics.Batch);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var (clean, adversarial) = update.Logits(images, images);
        Assert.Equal(before + 2, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        clean.Dispose();
        adversarial.Dispose();
        using (NewDisposeScope())
            update.Logits(images, images);
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static ImageNetwork Copy(ImageNetwork network) => network.Copy(network.Architecture.Normalization, ImageDomain.Adversarial);
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Images under one try after another, each try on those that still resist: an image keeps the first result that is misclassified, else the one with the highest
/// cross-entropy of its true class. Lives in the dispose scope in which it was made.
/// </summary>
internal sealed class Survivors
{
    private readonly IImageClassifier network;
    private readonly Tensor images, labels, loss;
    private readonly ImageRandom random;

    /// <param name="network">The network to fool.</param>
    /// <param name="images">The clean images.</param>
    /// <param name="labels">Their true classes.</param>
    /// <param name="random">A stream for each image.</param>
    /// <param name="first">Where every image stands at first: the clean images, or what a try made of all of them.</param>
    public Survivors(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random, Tensor first)
    {
        this.network = network;
        this.images = images;
        this.labels = labels;
        this.random = random;
        Images = first.clone();
        using var scope = NewDisposeScope();
        var (broken, firstLoss) = Measure(Images, labels);
        Broken = broken.MoveToOuterDisposeScope();
        loss = firstLoss.MoveToOuterDisposeScope();
    }

    /// <summary>A way of perturbing some of the images: clean images, labels and streams in, as many images out.</summary>
    public delegate Tensor Try(Tensor images, Tensor labels, ImageRandom random);

    /// <summary>What came of each image so far.</summary>
    public Tensor Images { get; }

    /// <summary>bool [batch]: which are misclassified.</summary>
    public Tensor Broken { get; }

    /// <summary>Tries once more to break what resists.</summary>
    /// <param name="attempt">Perturbs images.</param>
    /// <param name="number">Of this try; every number draws from streams of its own.</param>
    public void Meet(Try attempt, long number)
    {
        using var scope = NewDisposeScope();
        var resisting = Broken.logical_not().nonzero().flatten();
        if (resisting.numel() == 0)
            return;
        var truth = labels.index_select(0, resisting);
        var found = attempt(images.index_select(0, resisting), truth, random.For(number).Select(resisting));
        var (nowBroken, nowLoss) = Measure(found, truth);
        var lossBefore = loss.index_select(0, resisting);
        var better = nowBroken.logical_or(nowLoss > lossBefore);
        Images.index_copy_(0, resisting, where(better.view(-1, 1, 1, 1), found, Images.index_select(0, resisting)));
        loss.index_copy_(0, resisting, where(better, nowLoss, lossBefore));
        Broken.index_copy_(0, resisting, nowBroken);
    }

    /// <summary>Which images are misclassified, and the cross-entropy of their true classes; both [batch].</summary>
    private (Tensor Broken, Tensor Loss) Measure(Tensor seen, Tensor truth)
    {
        var logits = network.Logits(seen);
        return (logits.argmax(1) != truth, nn.functional.cross_entropy(logits, truth, reduction: nn.Reduction.None));
    }
}

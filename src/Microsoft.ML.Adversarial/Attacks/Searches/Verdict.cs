using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What came of each image of a batch under one attack: the first misclassified image that was found, else of the clean one and those where searches ended the one with the
/// highest cross-entropy of its true class. Lives in the dispose scope in which it was made.
/// </summary>
internal sealed class Verdict
{
    private readonly Tensor clean, labels, loss;

    /// <param name="attack">Whose.</param>
    /// <param name="clean">The clean images.</param>
    /// <param name="labels">Their true classes.</param>
    /// <param name="images">Where each image stands at first.</param>
    /// <param name="logits">What the network says of those.</param>
    public Verdict(Attack attack, Tensor clean, Tensor labels, Tensor images, Tensor logits)
    {
        Attack = attack;
        (this.clean, this.labels) = (clean, labels);
        (Images, Logits) = (images.clone(), logits.clone());
        IsBroken = Classification.IsMisclassified(logits, labels);
        loss = Classification.Loss(logits, labels);
    }

    public Attack Attack { get; }

    /// <summary>Anything is better than this.</summary>
    public static Verdict Undecided(Attack attack, Tensor clean, Tensor labels, int classCount)
    {
        var verdict = new Verdict(attack, clean, labels, clean, zeros([labels.shape[0], classCount], device: clean.device));
        verdict.IsBroken.zero_();
        verdict.loss.AddInPlace(double.NegativeInfinity);
        return verdict;
    }

    public Tensor Images { get; }

    /// <summary>float32 [batch, classes].</summary>
    public Tensor Logits { get; }

    /// <summary>bool [batch]: which are misclassified.</summary>
    public Tensor IsBroken { get; }

    /// <summary>Where those lie that are not, int64.</summary>
    public Tensor Standing => IsBroken.logical_not().nonzero().flatten();

    /// <summary>The farthest any of these images was moved, on the pixel scale of [0, 1].</summary>
    public double LargestDistance(Tensor places) => places.numel() == 0
        ? 0
        : Attack.Budget.Distance(Images.index_select(0, places), clean.index_select(0, places)).max().cpu().item<float>();

    /// <summary>Whether an answer after so many steps still counts.</summary>
    public bool Covers(int step) => Attack.Length is not { } length || step <= length;

    /// <summary>Takes of some candidates those that are better than what there is: nothing is better than what is broken.</summary>
    /// <param name="places">int64: whose candidates they are.</param>
    /// <param name="candidates">Inside the budget.</param>
    /// <param name="logits">What the network says of them.</param>
    public void Offer(Tensor places, Tensor candidates, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var truth = labels.index_select(0, places);
        var (isBroken, found) = (Classification.IsMisclassified(logits, truth), Classification.Loss(logits, truth));
        var (wasBroken, before) = (IsBroken.index_select(0, places), loss.index_select(0, places));
        var isBetter = isBroken.logical_or(found > before).logical_and(wasBroken.logical_not());
        Images.index_copy_(0, places, where(isBetter.view(-1, 1, 1, 1), candidates, Images.index_select(0, places)));
        Logits.index_copy_(0, places, where(isBetter.unsqueeze(1), logits, Logits.index_select(0, places)));
        loss.index_copy_(0, places, where(isBetter, found, before));
        IsBroken.index_copy_(0, places, wasBroken.logical_or(isBroken));
    }

    /// <summary>Takes over what was found before; the images of that time are not known any more.</summary>
    public void Restore(Tensor places, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var truth = labels.index_select(0, places);
        Logits.index_copy_(0, places, logits);
        loss.index_copy_(0, places, Classification.Loss(logits, truth));
        IsBroken.index_copy_(0, places, Classification.IsMisclassified(logits, truth));
    }
}

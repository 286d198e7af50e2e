using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One batch of training images, and all that a <see cref="TrainingMethod"/> may do with it.</summary>
public sealed class UpdateContext
{
    private readonly IUpdateStep step;
    private readonly UpdateContext? wrapped;
    private readonly Action<Func<ITrainableClassifier, LossSum>> update;
    private int crafted;

    internal UpdateContext(Tensor images, Tensor labels, ImageRandom random, int classCount, IUpdateStep step, Tensor? targets = null)
    {
        (Images, Labels, Random, ClassCount, this.step) = (images, labels, random, classCount, step);
        (update, Targets) = (step.Update, targets ?? labels);
    }

    private UpdateContext(UpdateContext wrapped, Action<Func<ITrainableClassifier, LossSum>> update)
        : this(wrapped.Images, wrapped.Labels, wrapped.Random, wrapped.ClassCount, wrapped.step, wrapped.Targets) => (this.wrapped, this.update) = (wrapped, update);

    /// <summary>float32 [batch, channels, height, width] in [0, 1], clean, on the network's device; not to be changed.</summary>
    public Tensor Images { get; }

    /// <summary>int64 [batch], the classes from 0; of mixed images that with the larger share. Not to be changed.</summary>
    public Tensor Labels { get; }

    /// <summary>What a cross-entropy compares with: <see cref="Labels"/>, or where <see cref="CutMix"/> mixes images float32 [batch, classes], the share of each class. Not to be changed.</summary>
    public Tensor Targets { get; }

    /// <summary>The randomness of this batch: others in every epoch, the same in a repeated run.</summary>
    public ImageRandom Random { get; }

    /// <summary>Classes told apart.</summary>
    public int ClassCount { get; }

    /// <summary>Epochs done, with the fraction of the current one: 0 in the first batch.</summary>
    public double Epoch => step.Epoch;

    /// <summary>The most images that a batch of this run has.</summary>
    public int LargestBatch => step.LargestBatch;

    /// <summary>Attacks the images, in the adversarial domain of the network as it is now; see <see cref="TrainingOptions.CraftingStatistics"/>. Leaves no trace in it.</summary>
    /// <param name="attack">The attack; each call in a step draws anew.</param>
    /// <returns>float32, the shape of <see cref="Images"/>, without gradient, in the current dispose scope.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="attack"/> is null.</exception>
    public Tensor Craft(Attack attack)
    {
        Require.NotNull(attack, nameof(attack));
        if (wrapped is not null)
            return wrapped.Craft(attack);
        return step.Craft(attack with { Budget = BudgetNow(attack.Budget) }, crafted++ == 0 ? Random : Random.For(crafted));
    }

    /// <summary>A budget as it is in this batch: smaller than it will be while <see cref="TrainingOptions.BudgetWarmupEpochs"/> last. <see cref="Craft"/> sees to it; a method that moves images itself asks here.</summary>
    /// <param name="budget">How far an image may be moved in the end.</param>
    /// <returns>How far it may be moved now.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public Budget BudgetNow(Budget budget) => step.BudgetShare < 1 ? Require.NotNull(budget, nameof(budget)).Scaled(step.BudgetShare) : Require.NotNull(budget, nameof(budget));

    /// <summary>Lowers a loss: forward pass, backward pass and the optimizer's step. It may be called several times in a step.</summary>
    /// <remarks>Images that require a gradient get it, as they do from <c>backward</c>.</remarks>
    /// <param name="loss">Makes the loss with the network's logits; what it creates is disposed afterwards. A loss that is no number ends the run.</param>
    /// <exception cref="ArgumentNullException"><paramref name="loss"/> is null.</exception>
    public void Update(Func<ITrainableClassifier, LossSum> loss) => update(Require.NotNull(loss, nameof(loss)));

    /// <summary>
    /// Moves the weights up the gradient of a loss until they are put back: of every tensor of two or more dimensions w the part <paramref name="share"/> |w| d/|d|, d being the gradient (Wu et
    /// al. 2020, arXiv:2004.05884, equation 8). An update meanwhile changes the weights from where they then are, and what was added is subtracted afterwards.
    /// </summary>
    /// <param name="loss">Makes the loss with the network's logits; running statistics stay as they are, and so do the gradients of images.</param>
    /// <param name="share">Of each tensor's length, from 0.</param>
    /// <returns>Puts the weights back when it is disposed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="loss"/> is null.</exception>
    public IDisposable PerturbWeights(Func<ITrainableClassifier, LossSum> loss, double share) =>
        step.PerturbWeights(Require.NotNull(loss, nameof(loss)), Require.InRange(share, 0, double.MaxValue, nameof(share)));

    /// <summary>Numbers that a method keeps from batch to batch, and that checkpoints hold.</summary>
    /// <param name="name">Tells them from others of the method.</param>
    /// <param name="shape">Their shape, the same in every batch.</param>
    /// <returns>float32 on the network's device, zeros at first; to be changed in place, and not to be disposed.</returns>
    /// <exception cref="ArgumentException">There are numbers of this name and another shape.</exception>
    public Tensor Memory(string name, params long[] shape) => step.Memory(Require.NotEmpty(name, nameof(name)), Require.NotNull(shape, nameof(shape)));

    /// <summary>The same batch with updates of another kind: for a method around another, which it gives this to.</summary>
    /// <param name="update">Takes what the inner method would update with; calls <see cref="Update"/> of this context.</param>
    /// <returns>The context for the inner method; everything else is this one's.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="update"/> is null.</exception>
    public UpdateContext WithUpdate(Action<Func<ITrainableClassifier, LossSum>> update) => new(this, Require.NotNull(update, nameof(update)));
}

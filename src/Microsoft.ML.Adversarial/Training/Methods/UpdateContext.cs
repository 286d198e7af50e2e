using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One batch of training images, and all that a <see cref="TrainingMethod"/> may do with it.</summary>
public sealed class UpdateContext
{
    private readonly Func<Attack, ImageRandom, Tensor> craft;
    private readonly Action<Func<ITrainableClassifier, LossSum>> update;
    private int crafted;

    internal UpdateContext(
        Tensor images, Tensor labels, ImageRandom random, int classCount, Func<Attack, ImageRandom, Tensor> craft, Action<Func<ITrainableClassifier, LossSum>> update)
    {
        (Images, Labels, Random, ClassCount) = (images, labels, random, classCount);
        this.craft = craft;
        this.update = update;
    }

    /// <summary>float32 [batch, channels, height, width] in [0, 1], clean, on the network's device; not to be changed.</summary>
    public Tensor Images { get; }

    /// <summary>int64 [batch], the classes from 0; not to be changed.</summary>
    public Tensor Labels { get; }

    /// <summary>The randomness of this batch: others in every epoch, the same in a repeated run.</summary>
    public ImageRandom Random { get; }

    /// <summary>Classes told apart.</summary>
    public int ClassCount { get; }

    /// <summary>Attacks the images, in the adversarial domain of the network as it is now; see <see cref="TrainingOptions.CraftingStatistics"/>. Leaves no trace in it.</summary>
    /// <param name="attack">The attack; each call in a step draws anew.</param>
    /// <returns>float32, the shape of <see cref="Images"/>, without gradient, in the current dispose scope.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="attack"/> is null.</exception>
    public Tensor Craft(Attack attack)
    {
        Require.NotNull(attack, nameof(attack));
        return craft(attack, crafted++ == 0 ? Random : Random.For(crafted));
    }

    /// <summary>Lowers a loss: forward pass, backward pass and the optimizer's step. It may be called several times in a step.</summary>
    /// <param name="loss">Makes the loss with the network's logits; what it creates is disposed afterwards. A loss that is no number ends the run.</param>
    /// <exception cref="ArgumentNullException"><paramref name="loss"/> is null.</exception>
    public void Update(Func<ITrainableClassifier, LossSum> loss) => update(Require.NotNull(loss, nameof(loss)));
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// How far an attack may move an image: a norm and a radius with its unit, and the geometry that belongs to them. A budget knows no network;
/// its images are float32 [batch, channels, height, width] in [0, 1].
/// </summary>
/// <remarks>Derive from it to describe another threat model: every attack works on any budget.</remarks>
public abstract record Budget : Described
{
    /// <summary>Every pixel value may move by at most <paramref name="greyLevels"/> of the 255 grey levels (the L-infinity ball).</summary>
    /// <param name="greyLevels">
    /// The radius in grey levels: 0, or from 0.5 to 255; 8 means 8/255. A value between 0 and 0.5 is refused, because it is a radius on the scale of [0, 1]
    /// in nearly every case.
    /// </param>
    /// <returns>The budget, printed as <c>L-inf 8/255</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The radius lies outside its range.</exception>
    public static Budget LInf(double greyLevels)
    {
        Require.InRange(greyLevels, 0, 255, nameof(greyLevels));
        if (greyLevels is > 0 and < 0.5)
            throw new ArgumentOutOfRangeException(
                nameof(greyLevels),
                FormattableString.Invariant($"greyLevels is {greyLevels}, less than half a grey level; expected 0 or 0.5 to 255. It looks like a radius on the scale of [0, 1]: write Budget.LInf({greyLevels} * 255)."));
        return new LInfBudget(greyLevels);
    }

    /// <summary>The image may move by at most <paramref name="distance"/> in the Euclidean norm of all its pixel values on the scale of [0, 1].</summary>
    /// <param name="distance">The radius, from 0 to 100; 0.5 (128/255) is usual on CIFAR-10, 3 on ImageNet.</param>
    /// <returns>The budget, printed as <c>L2 0.5</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The radius lies outside its range.</exception>
    public static Budget L2(double distance) => new L2Budget(Require.InRange(distance, 0, 100, nameof(distance)));

    /// <summary>The radius as <see cref="Distance"/> measures it, on the pixel scale of [0, 1].</summary>
    public abstract double Radius { get; }

    /// <summary>The step size an attack of so many steps takes where none is stated, on the pixel scale of [0, 1].</summary>
    /// <param name="steps">Gradient steps, at least 1.</param>
    public abstract double DefaultStepSize(int steps);

    /// <summary>The same geometry with another radius: what <see cref="TrainingOptions.BudgetWarmupEpochs"/> begins with.</summary>
    /// <param name="share">Of the radius, from 0 to 1.</param>
    /// <returns>The smaller budget.</returns>
    /// <exception cref="ArgumentException">This budget does not say how; derived ones override this method.</exception>
    public virtual Budget Scaled(double share) => throw new ArgumentException($"{this} cannot be scaled; expected {GetType().Name} to override {nameof(Scaled)}.");

    /// <summary>A random image inside the budget and the pixel range.</summary>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <param name="random">A stream for each image.</param>
    /// <returns>A new tensor of the same shape.</returns>
    public abstract Tensor RandomStart(Tensor images, ImageRandom random);

    /// <summary>A random direction: a vector of length 1 in this budget's norm.</summary>
    /// <param name="images">float32 [batch, channels, height, width]; gives the shape.</param>
    /// <param name="random">A stream for each image.</param>
    /// <returns>A new tensor of the same shape.</returns>
    public abstract Tensor RandomDirection(Tensor images, ImageRandom random);

    /// <summary>The direction of length 1 in this budget's norm in which a loss with this gradient rises most.</summary>
    /// <param name="gradient">float32 or float64 [batch, channels, height, width]; not changed.</param>
    /// <returns>A new tensor of the same shape and type; zeros where the gradient is zero.</returns>
    public abstract Tensor SteepestDirection(Tensor gradient);

    /// <summary>Brings candidates back into the budget around their images and into [0, 1].</summary>
    /// <param name="candidates">float32 [batch, channels, height, width]; not changed.</param>
    /// <param name="images">The clean images, the same shape; not changed.</param>
    /// <returns>A new tensor of the same shape.</returns>
    public abstract Tensor Project(Tensor candidates, Tensor images);

    /// <summary>How far each image was moved.</summary>
    /// <param name="candidates">float32 [batch, channels, height, width]; not changed.</param>
    /// <param name="images">The clean images, the same shape; not changed.</param>
    /// <returns>float32 [batch], in this budget's norm on the pixel scale of [0, 1].</returns>
    public abstract Tensor Distance(Tensor candidates, Tensor images);

    /// <summary>What Square paints with: corners of the ball by way of the projection, unless the budget has a painter of its own.</summary>
    internal virtual SquarePainter Painter() => new CornerSquarePainter(this);
}

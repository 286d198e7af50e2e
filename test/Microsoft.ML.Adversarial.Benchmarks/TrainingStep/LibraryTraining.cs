using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Training steps of the library, one after another on a network of its own.</summary>
internal sealed class LibraryTraining : IDisposable
{
    public const double LearningRate = 0.01, GreyLevels = 8, StepGreyLevels = 2;

    public const int Steps = 10;

    /// <summary>Each step a pass forward and one back to the image; the update a pass forward, one back to the activations and one to the weights.</summary>
    public const int PassesPerImage = 2 * Steps + 3;

    private readonly ImageNetwork network;
    private readonly GradientDescent optimizer;
    private readonly TrainingStep step;
    private long steps;

    /// <param name="network">Disposed with this.</param>
    /// <param name="crafting">In what the attack computes.</param>
    /// <param name="update">In what the update computes.</param>
    public LibraryTraining(ImageNetwork network, Precision crafting = Precision.Single, Precision update = Precision.Single)
        : this(network, Options() with { CraftingPrecision = crafting, UpdatePrecision = update })
    {
    }

    /// <param name="network">Disposed with this.</param>
    /// <param name="options">Those of <see cref="Options"/>, perhaps changed.</param>
    public LibraryTraining(ImageNetwork network, TrainingOptions options)
    {
        this.network = network;
        optimizer = new GradientDescent(network.parameters(), options.Momentum, options.WeightDecay) { LearningRate = LearningRate };
        step = new TrainingStep(network, optimizer, options, new MethodMemory(CPU));
    }

    public static TrainingOptions Options() => new() { Method = new AdversarialTraining(new PgdAttack(Budget.LInf(GreyLevels)) { Steps = Steps, StepSize = StepSize.GreyLevels(StepGreyLevels) }) };

    /// <returns>The loss.</returns>
    public double Step(Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var random = ImageRandom.FromSeed((int)steps++, (int)images.shape[0]);
        return step.Run(images, labels, random, measures: false).Loss;
    }

    public void Dispose()
    {
        step.Dispose();
        optimizer.Dispose();
        network.Dispose();
    }
}

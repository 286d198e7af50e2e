using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What a test lets happen to a batch.</summary>
/// <param name="crafts">Makes the attacked images.</param>
/// <param name="updates">Takes the loss.</param>
internal sealed class HandStep(Func<Attack, Tensor> crafts, Action<Func<ITrainableClassifier, LossSum>> updates) : IUpdateStep
{
    private readonly Dictionary<string, Tensor> memory = [];

    public double Epoch { get; init; }

    public double BudgetShare { get; init; } = 1;

    public int LargestBatch { get; init; } = 8;

    /// <summary>Shares by which weights were perturbed.</summary>
    public List<double> Perturbed { get; } = [];

    public Tensor Craft(Attack attack, ImageRandom random) => crafts(attack);

    public void Update(Func<ITrainableClassifier, LossSum> loss) => updates(loss);

    public IDisposable PerturbWeights(Func<ITrainableClassifier, LossSum> loss, double share)
    {
        Perturbed.Add(share);
        return new WeightPerturbation([], share);
    }

    public Tensor Memory(string name, long[] shape) => memory.TryGetValue(name, out var kept) ? kept : memory[name] = zeros(shape);
}

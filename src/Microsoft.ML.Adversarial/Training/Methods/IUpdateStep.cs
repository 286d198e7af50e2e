using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What an <see cref="UpdateContext"/> hands on to: the training itself, or an estimate of statistics that changes no weight.</summary>
internal interface IUpdateStep
{
    /// <summary>See <see cref="UpdateContext.Epoch"/>.</summary>
    double Epoch { get; }

    /// <summary>Of the radius of every budget, from 0 to 1; see <see cref="UpdateContext.BudgetNow"/>.</summary>
    double BudgetShare { get; }

    /// <summary>See <see cref="UpdateContext.LargestBatch"/>.</summary>
    int LargestBatch { get; }

    /// <summary>See <see cref="UpdateContext.Craft"/>; the budget is the one to use.</summary>
    Tensor Craft(Attack attack, ImageRandom random);

    /// <summary>See <see cref="UpdateContext.Update"/>.</summary>
    void Update(Func<ITrainableClassifier, LossSum> loss);

    /// <summary>See <see cref="UpdateContext.PerturbWeights"/>.</summary>
    IDisposable PerturbWeights(Func<ITrainableClassifier, LossSum> loss, double share);

    /// <summary>See <see cref="UpdateContext.Memory"/>.</summary>
    Tensor Memory(string name, long[] shape);
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What one step of a graph computes of the values before it. It holds no weights: those are among its inputs.</summary>
internal abstract class GraphOperation
{
    /// <summary>Which inputs are sizes, positions or axes, read on the host.</summary>
    public virtual IReadOnlyCollection<int> HostInputs => [];

    /// <summary>Which inputs are weights, where they are constants.</summary>
    public virtual IReadOnlyCollection<int> Weights => [];

    /// <summary>Whether a constant among its inputs may be learned, as a bias is that is a step of its own.</summary>
    public virtual bool MayLearn => false;

    /// <summary>Which input is a convolution's kernels: rounded where the network computes in a lower precision, and laid out as images are. Null for none.</summary>
    public virtual int? Kernels => null;

    /// <summary>Which input is multiplied with weights, in a layer that may be a network's last; null of everything else.</summary>
    public virtual int? LinearInput(Func<int, bool> isConstant) => null;

    /// <summary>Whether the result is new memory that the operation's own gradient does not need, so that the next step may overwrite it.</summary>
    public virtual bool MakesNew => false;

    /// <summary>Of a batch normalisation by inputs 1 to 4 (scale, shift, mean, variance); null of everything else.</summary>
    public virtual double? NormalizationEpsilon => null;

    /// <summary>The tensors that it owns.</summary>
    public virtual IEnumerable<Tensor> Tensors => [];

    /// <summary>The same with tensors of its own, rounded to this type.</summary>
    public virtual GraphOperation In(ScalarType type) => this;

    /// <summary>Of these sizes.</summary>
    public virtual long MultiplyAdds(IReadOnlyList<long[]> inputs, long[] output) => 0;

    /// <returns>New tensors in the current dispose scope, or the inputs themselves.</returns>
    public abstract IReadOnlyList<Tensor> Run(StepInputs inputs);
}

using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>One step of a laid-out network.</summary>
internal abstract class NetworkLayer
{
    /// <summary>For one image.</summary>
    public virtual long MultiplyAdds => 0;

    /// <summary>Whether its tensors have names of their own, which begin at the network.</summary>
    public virtual bool NamesItself => false;

    /// <summary>Gives its tensors to the module that has its name, or to the network, which then owns them.</summary>
    public virtual void Register(Module owner)
    {
    }

    /// <summary>Draws its first weights; those of the layers inside have been drawn.</summary>
    public virtual void Initialize(Generator generator)
    {
    }

    /// <summary>Forgets how many batches it has seen: the next one of <see cref="NormalizationStatistics.Cumulative"/> replaces the running statistics.</summary>
    public virtual void CountBatchesAnew()
    {
    }

    public abstract Activations Forward(Activations activations, Phase phase);

    /// <summary>The layer as it stands, with tensors of its own.</summary>
    public abstract FrozenLayer Freeze(Phase phase);
}

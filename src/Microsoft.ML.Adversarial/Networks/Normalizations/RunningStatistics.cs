using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>What batch normalisation remembers of the batches it has seen; torchvision's names.</summary>
internal sealed record RunningStatistics(Tensor Mean, Tensor Variance, Tensor Batches)
{
    public RunningStatistics(int channels, Device device)
        : this(zeros(channels, device: device), ones(channels, device: device), zeros([], int64, device))
    {
    }

    /// <summary>The module then owns them.</summary>
    public void Register(Module owner)
    {
        owner.register_buffer("running_mean", Mean);
        owner.register_buffer("running_var", Variance);
        owner.register_buffer("num_batches_tracked", Batches);
    }
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Copies of weights that no dispose scope owns and no gradient reaches, and the memory layout that convolutions like best.</summary>
internal static class FrozenTensor
{
    public static Tensor Plain(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().clone().DetachFromDisposeScope();
    }

    public static Tensor Image(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return ChannelsLast(tensor.detach()).clone().DetachFromDisposeScope();
    }

    /// <summary>In the layout that it has.</summary>
    public static Tensor In(ScalarType type, Tensor tensor) => tensor.to(type, copy: true).DetachFromDisposeScope();

    /// <summary>The same [n, c, h, w] values laid out as [n, h, w, c] in memory; torch recognises the layout by its strides.</summary>
    public static Tensor ChannelsLast(Tensor tensor) => tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}

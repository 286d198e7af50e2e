using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A tensor with one entry for each image of a search, which loses the entries of images that leave it. It lives as long as the search.</summary>
public sealed class PerImage : IDisposable
{
    internal PerImage(Tensor initial) => Value = initial;

    /// <summary>[images, ...]; assigning copies, so that the search owns it.</summary>
    public Tensor Value
    {
        get;
        set
        {
            var owned = Owned(value);
            field?.Dispose();
            field = owned;
        }
    }

    /// <summary>The same numbers for each whole image: [images] as [images, 1, 1, 1].</summary>
    public Tensor Wide => Value.view(-1, 1, 1, 1);

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();

    internal void Keep(Tensor places) => Value = Value.index_select(0, places);

    private static Tensor Owned(Tensor value) => value.detach().clone().DetachFromDisposeScope();
}

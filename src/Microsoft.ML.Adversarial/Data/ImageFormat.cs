using Microsoft.ML.Transforms.Image;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>How a column holds images, all of one size: the way from its values to pixels and back.</summary>
internal abstract record ImageFormat(ImageShape Shape)
{
    /// <summary>Reads the format off the column's type; what the caller states must agree with it.</summary>
    /// <param name="column">Images or vectors.</param>
    /// <param name="statedShape">Null where the type tells it.</param>
    /// <param name="statedLayout">Of vectors; null where the type tells it.</param>
    /// <param name="range">Of vectors.</param>
    /// <exception cref="ArgumentException">The column holds no images of one known size, or not the stated ones.</exception>
    public static ImageFormat Of(DataViewSchema.Column column, ImageShape? statedShape, PixelLayout? statedLayout, PixelRange range) => column.Type is ImageDataViewType images
        ? MLImageFormat.Of(column.Name, images, statedShape)
        : PixelVectorFormat.Of(column.Name, column.Type, statedShape, statedLayout, range);

    /// <summary>The image in the row at which a cursor stands.</summary>
    /// <param name="row">A cursor in which the column is active.</param>
    /// <param name="column">The column.</param>
    public abstract ImageCell Open(DataViewRow row, DataViewSchema.Column column);

    /// <summary>The getter of a column of such images.</summary>
    /// <param name="pixels">Gives the row's image: [channels, height, width] in [0, 1].</param>
    /// <returns>A <see cref="ValueGetter{TValue}"/> of the column's type.</returns>
    public abstract Delegate Getter(Func<ReadOnlyMemory<float>> pixels);

    /// <summary>Whether <see cref="Representable"/> changes images.</summary>
    public virtual bool RoundsImages => false;

    /// <summary>Attacked images as the column can hold them, none farther from its clean image than it was.</summary>
    /// <param name="attacked">[batch, channels, height, width] in [0, 1].</param>
    /// <param name="clean">The images as they were read.</param>
    public virtual Tensor Representable(Tensor attacked, Tensor clean) => attacked;
}

namespace Microsoft.ML.Adversarial;

/// <summary>The image in whatever row a cursor stands at: first fetched, which runs the stages of a pipeline and may fail as they do, then converted.</summary>
internal abstract class ImageCell
{
    /// <summary>Asks the column for the row's value.</summary>
    /// <exception cref="InvalidDataException">There is no image in this row. Stages of the pipeline throw what they like.</exception>
    public abstract void Fetch();

    /// <param name="pixels">Receives the fetched image: [channels, height, width] in [0, 1].</param>
    /// <returns>The image's largest value on the column's own scale.</returns>
    /// <exception cref="InvalidDataException">The value is no image of the column's format; the message names the column, not the row.</exception>
    public abstract float CopyTo(Span<float> pixels);
}

using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Perturbs images so that a classifier misclassifies them. The data stays lazy: images are read and attacked when a cursor asks for them, a batch at a time, anew for every cursor
/// and always with the same result; <c>ml.Data.Cache</c> or <c>ml.Data.SaveAsBinary</c> keep them. A cursor that leaves the attacked images out runs no attack.
/// </summary>
/// <remarks>
/// Reading attacked images throws <see cref="InvalidDataException"/> where a row of the batch holds no readable image, a pixel outside the range, or no label (the message names row
/// and column); <see cref="InvalidOperationException"/> where an attack leaves its budget or does not fit the network; <see cref="OperationCanceledException"/> once the options'
/// token is cancelled; <see cref="ObjectDisposedException"/> once the classifier is disposed. Every pass must give the same rows, as ML.NET's data views do. The transformer cannot be
/// saved: <c>ml.Model.Save</c> throws <see cref="NotSupportedException"/>.
/// </remarks>
public sealed class AdversarialExamplesTransformer : ITransformer
{
    private readonly AdversarialExamplesOptions options;
    private readonly Seed seed;

    internal AdversarialExamplesTransformer(AdversarialExamplesOptions options, Seed seed)
    {
        this.options = options;
        this.seed = seed;
    }

    /// <summary>False: images are attacked in batches, and each image's random streams follow from its row.</summary>
    public bool IsRowToRowMapper => false;

    /// <summary>The data with its images attacked.</summary>
    /// <param name="input">Labelled images.</param>
    /// <returns>A lazy view; it keeps the order of the rows and cannot shuffle them.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, or is not what the classifier was trained on: images of another size or layout, or other classes.</exception>
    /// <exception cref="InvalidOperationException">The domain to attack was never trained, or is not the one a deployed classifier was saved with.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    public IDataView Transform(IDataView input) =>
        new AdversarialExamplesView(Require.NotNull(input, nameof(input)), GetOutputSchema(input.Schema), options, seed);

    /// <summary>The columns of the transformed data.</summary>
    /// <param name="inputSchema">The columns there are.</param>
    /// <returns>Those and, as the last one, the attacked images.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, or is not what the classifier was trained on: images of another size or layout, or other classes.</exception>
    /// <exception cref="InvalidOperationException">The domain to attack was never trained, or is not the one a deployed classifier was saved with.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Require.NotNull(inputSchema, nameof(inputSchema));
        options.Attacked.Check(options.ResolvedDomain);
        options.Columns.FormatFor(inputSchema, options.Attacked);
        var images = inputSchema[options.Columns.Features];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn(options.ResolvedOutputColumnName, images.Type, images.Annotations);
        return builder.ToSchema();
    }

    /// <summary>There is none.</summary>
    /// <param name="inputSchema">Not looked at.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new InvalidOperationException(
        "AdversarialExamplesTransformer maps no single rows: it attacks images in batches, and an image's random streams follow from its row. Expected: Transform of a data view.");

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        "AdversarialExamplesTransformer cannot be saved: it attacks a network that it holds in memory, and model files hold none. Save the pipeline without it, and the attacked "
        + "images as data with ml.Data.SaveAsBinary.");
}

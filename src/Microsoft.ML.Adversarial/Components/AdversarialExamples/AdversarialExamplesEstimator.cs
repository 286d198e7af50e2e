using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>Perturbs images so that a classifier misclassifies them: pixels in, attacked pixels out, for any ML.NET code to look at, save or score.</summary>
/// <remarks>
/// Input columns: the images, a vector of <see cref="float"/> as <c>ExtractPixels</c> delivers it or <see cref="Microsoft.ML.Data.MLImage"/>; the label, a key. Output column: the
/// attacked images, of the input column's own type, pixel range and layout; where it bears the name of a column that is there, it replaces that column. All other columns pass unchanged.
/// It learns nothing from data. Required NuGet in addition to Microsoft.ML: a TorchSharp backend. Exportable to ONNX: no.
/// </remarks>
public sealed class AdversarialExamplesEstimator : IEstimator<AdversarialExamplesTransformer>
{
    private readonly MLContext ml;
    private readonly AdversarialExamplesOptions options;
    private readonly Seed seed;

    internal AdversarialExamplesEstimator(MLContext ml, AdversarialExamplesOptions options)
    {
        this.ml = ml;
        this.options = options;
        seed = new Seed((ulong)(options.Seed ?? ((IHostEnvironment)ml).Register(nameof(AdversarialExamplesEstimator)).Rand.Next()));
    }

    /// <summary>Checks the columns; no row is read.</summary>
    /// <param name="input">Labelled images.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, or is not what the classifier was trained on: images of another size or layout, or other classes.</exception>
    /// <exception cref="InvalidOperationException">The domain to attack was never trained, or is not the one a deployed classifier was saved with.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    public AdversarialExamplesTransformer Fit(IDataView input)
    {
        var transformer = new AdversarialExamplesTransformer(options, seed);
        transformer.GetOutputSchema(Require.NotNull(input, nameof(input)).Schema);
        return transformer;
    }

    /// <summary>The columns that the transformer delivers.</summary>
    /// <param name="inputSchema">The columns there are.</param>
    /// <returns>Those and the attacked images.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        options.Columns.Check(Require.NotNull(inputSchema, nameof(inputSchema)));
        // Attacked images have the type and the annotations of their originals, and so the shape of a copy.
        return ml.Transforms.CopyColumns(options.ResolvedOutputColumnName, options.Columns.Features).GetOutputSchema(inputSchema);
    }
}

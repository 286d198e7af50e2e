
namespace Microsoft.ML.Adversarial;

/// <summary>A view's own columns and, as the last one, its images under attack.</summary>
internal sealed class AdversarialExamplesView(IDataView input, DataViewSchema schema, AdversarialExamplesOptions options, Seed seed) : IDataView
{
    private volatile bool isScaleKnown;

    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = Require.NotNull(columnsNeeded, nameof(columnsNeeded)).Select(column => column.Index).ToHashSet();
        var attacks = needed.Contains(input.Schema.Count);
        if (attacks)
            options.Attacked.Check(options.ResolvedDomain);
        // A set of one cursor stays on one thread, as the reader of the images does.
        var passing = input.GetRowCursorSet(input.Schema.Where(column => needed.Contains(column.Index)), 1)[0];
        return new AdversarialExamplesCursor(passing, schema, attacks ? new AttackedImages(input, options, seed, CheckScale) : null);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>Once for all passes.</summary>
    private void CheckScale(ImageReader reader)
    {
        if (!isScaleKnown)
            PixelScale.Check(reader);
        isScaleKnown = true;
    }
}

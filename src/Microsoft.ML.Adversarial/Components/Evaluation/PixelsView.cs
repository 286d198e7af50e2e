using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Images as a pipeline's stages expect them: the image column of a given schema, filled, and the label column, missing in every row, for stages that map it. No
/// other column is there, so that a stage that wants one says so.
/// </summary>
internal sealed class PixelsView : IDataView
{
    private readonly ImageFormat format;
    private readonly ReadOnlyMemory<float> pixels;

    /// <param name="schema">Where the columns' types and annotations come from.</param>
    /// <param name="columns">The two columns; the label may be absent.</param>
    /// <param name="format">How the image column holds an image.</param>
    /// <param name="pixels">[images, channels, height, width] in [0, 1], image after image.</param>
    public PixelsView(DataViewSchema schema, ImageColumns columns, ImageFormat format, ReadOnlyMemory<float> pixels)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var name in (string[])[columns.Features, columns.Label])
            if (schema.GetColumnOrNull(name) is { } column)
                builder.AddColumn(name, column.Type, column.Annotations);
        Schema = builder.ToSchema();
        this.format = format;
        this.pixels = pixels;
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => pixels.Length / format.Shape.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(Schema, format, pixels);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewSchema schema, ImageFormat format, ReadOnlyMemory<float> pixels) : DataViewRowCursor
    {
        private long position = -1;

        public override long Position => position;

        public override long Batch => 0;

        public override DataViewSchema Schema => schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override bool MoveNext() => (position + 2) * format.Shape.Length <= pixels.Length && ++position >= 0;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)position, 0);

        /// <summary>A label's default value is its missing one: no key, no text, no number.</summary>
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index > 0)
                return (ref TValue value) => value = default!;
            return format.Getter(Image) as ValueGetter<TValue> ?? throw new InvalidOperationException($"Column '{column.Name}' is {column.Type}; {typeof(TValue)} was asked for.");
        }

        private ReadOnlyMemory<float> Image() => pixels.Slice((int)position * format.Shape.Length, format.Shape.Length);
    }
}

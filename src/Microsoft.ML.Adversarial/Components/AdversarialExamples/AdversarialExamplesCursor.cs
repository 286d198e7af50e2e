using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>Moves over the rows of a view; the attacked images of each row come from a reading of their own, which hurries ahead by a batch.</summary>
/// <param name="input">The view's own columns, as far as they are asked for; disposed with this cursor.</param>
/// <param name="schema">The view's columns and, as the last one, the attacked images.</param>
/// <param name="attacked">Disposed with this cursor; null where the attacked images are not asked for.</param>
internal sealed class AdversarialExamplesCursor(DataViewRowCursor input, DataViewSchema schema, AttackedImages? attacked) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext()
    {
        attacked?.ThrowIfCancelled();
        return input.MoveNext();
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        IsAttacked(column) ? attacked is not null : input.IsColumnActive(input.Schema[column.Index]);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsAttacked(column))
            return input.GetGetter<TValue>(input.Schema[column.Index]);
        if (attacked is null)
            throw new InvalidOperationException($"Column '{column.Name}' is not active; expected it among the columns that the cursor was asked for.");
        return attacked.Getter(CurrentRow) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type.RawType}, not {typeof(TValue)}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            attacked?.Dispose();
            input.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool IsAttacked(DataViewSchema.Column column) => column.Index == schema.Count - 1;

    private long CurrentRow() => Position >= 0 ? Position : throw new InvalidOperationException("The cursor is on no row; expected a call of MoveNext that returned true.");
}

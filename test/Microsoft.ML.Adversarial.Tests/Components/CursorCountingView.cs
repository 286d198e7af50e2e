using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Another view, and how many cursors over it are open.</summary>
internal sealed class CursorCountingView(IDataView inner) : IDataView
{
    private int open;

    public int Open => Volatile.Read(ref open);

    public bool CanShuffle => inner.CanShuffle;

    public DataViewSchema Schema => inner.Schema;

    public long? GetRowCount() => inner.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new CountedCursor(this, inner.GetRowCursor(columnsNeeded, rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [.. inner.GetRowCursorSet(columnsNeeded, n, rand).Select(cursor => new CountedCursor(this, cursor))];

    private sealed class CountedCursor : DataViewRowCursor
    {
        private readonly CursorCountingView view;
        private readonly DataViewRowCursor cursor;
        private bool isDisposed;

        public CountedCursor(CursorCountingView view, DataViewRowCursor cursor)
        {
            this.view = view;
            this.cursor = cursor;
            Interlocked.Increment(ref view.open);
        }

        public override long Position => cursor.Position;

        public override long Batch => cursor.Batch;

        public override DataViewSchema Schema => cursor.Schema;

        public override bool MoveNext() => cursor.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => cursor.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => cursor.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => cursor.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing && !isDisposed)
            {
                isDisposed = true;
                Interlocked.Decrement(ref view.open);
                cursor.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}

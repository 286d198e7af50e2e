using Microsoft.ML.Data;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>The view of attacked images as its cursors show it: rows in step, attacks only where they are asked for, nothing left behind.</summary>
public class AdversarialExamplesCursorTests(AttackedPictures toys) : IClassFixture<AttackedPictures>
{
    private readonly MLContext ml = toys.Ml;

    [Fact]
    public void The_batch_size_a_second_pass_and_cursors_side_by_side_change_nothing()
    {
        var view = toys.Attacked(toys.Options);
        var expected = AttackedPictures.Pixels(view, "Attacked");

        // Sums run in another order in other batches.
        Assert.All(expected.Zip(AttackedPictures.Pixels(toys.Attacked(toys.Options with { BatchSize = 100 }), "Attacked")), pair => Assert.InRange(DomainModels.Difference(pair.First, pair.Second), 0, 1e-3));
        Assert.Equal(expected, AttackedPictures.Pixels(view, "Attacked"));
        using var first = view.GetRowCursor(view.Schema);
        using var second = Assert.Single(view.GetRowCursorSet([view.Schema["Attacked"]], 4));
        var (firstGetter, secondGetter) = (first.GetGetter<VBuffer<float>>(view.Schema["Attacked"]), second.GetGetter<VBuffer<float>>(view.Schema["Attacked"]));
        for (var row = 0; row < expected.Count; row++)
        {
            Assert.True(first.MoveNext() && second.MoveNext());
            Assert.Equal(expected[row], Value(firstGetter));
            Assert.Equal(expected[row], Value(secondGetter));
            Assert.Equal(expected[row], Value(firstGetter));
        }
        Assert.False(first.MoveNext() || second.MoveNext());
    }

    [Fact]
    public void Other_columns_pass_unchanged_and_in_step()
    {
        var view = toys.Attacked(toys.Options);
        using var original = toys.Prepared.GetRowCursor(toys.Prepared.Schema);
        using var cursor = view.GetRowCursor(view.Schema);
        var getters = toys.Prepared.Schema.Where(column => column.Type is not VectorDataViewType && column.Name != "Image")
            .Select(column => (Expected: Text(original, column), Actual: Text(cursor, view.Schema[column.Index]))).ToList();
        var (features, attacked) = (cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]), cursor.GetGetter<VBuffer<float>>(view.Schema["Attacked"]));
        var (expectedId, actualId) = (original.GetIdGetter(), cursor.GetIdGetter());

        Assert.Equal(4, getters.Count);
        Assert.Same(view.Schema, cursor.Schema);
        while (original.MoveNext())
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal((original.Position, original.Batch), (cursor.Position, cursor.Batch));
            Assert.All(getters, pair => Assert.Equal(pair.Expected(), pair.Actual()));
            var (expected, actual) = (default(DataViewRowId), default(DataViewRowId));
            expectedId(ref expected);
            actualId(ref actual);
            Assert.Equal(expected, actual);
            Assert.InRange(DomainModels.Difference(Value(features), Value(attacked)), 20, 24.001);
        }
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void Only_asking_for_attacked_images_runs_an_attack_and_only_on_batches_whose_rows_are_asked_for()
    {
        var attack = new CountingAttack((_, images) => images.clone());
        var view = toys.Attacked(toys.Options with { Attack = attack });

        Assert.Equal(18, view.GetColumn<ReadOnlyMemory<char>>("Path").Count());
        Assert.Equal(AttackedPictures.Pixels(toys.Prepared, "Features"), AttackedPictures.Pixels(view, "Features"));
        Assert.Equal(18, ml.Transforms.DropColumns("Attacked").Fit(view).Transform(view).Preview().RowView.Length);
        using (var cursor = view.GetRowCursor([view.Schema["Label"]]))
        {
            Assert.True(cursor.IsColumnActive(view.Schema["Label"]));
            Assert.False(cursor.IsColumnActive(view.Schema["Path"]));
            Assert.False(cursor.IsColumnActive(view.Schema["Attacked"]));
            Assert.Contains("'Attacked' is not active", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Attacked"])).Message, StringComparison.Ordinal);
        }
        Assert.Empty(attack.Batches);

        Assert.Equal(2, AttackedPictures.Pixels(ml.Data.TakeRows(view, 2), "Attacked").Count);
        Assert.Equal([4], attack.Batches);
        Assert.Equal(AttackedPictures.Pixels(toys.Prepared, "Features")[10..], AttackedPictures.Pixels(ml.Data.SkipRows(view, 10), "Attacked"), Closely);
        Assert.Equal([4, 4, 4, 2], attack.Batches);
        Assert.Equal(18, AttackedPictures.Pixels(view, "Attacked").Count);
        Assert.Equal([4, 4, 4, 2, 4, 4, 4, 4, 2], attack.Batches);

        attack.Batches.Clear();
        using var leaping = view.GetRowCursor([view.Schema["Attacked"]]);
        var getter = leaping.GetGetter<VBuffer<float>>(view.Schema["Attacked"]);
        for (var row = 0; row <= 10; row++)
        {
            Assert.True(leaping.MoveNext());
            if (row is 0 or 10)
                Assert.InRange(DomainModels.Difference(AttackedPictures.Pixels(toys.Prepared, "Features")[row], Value(getter)), 0, 1e-3);
        }
        Assert.Equal([4, 4], attack.Batches);
    }

    [Fact]
    public void Nothing_of_torch_is_left_behind_also_by_a_cursor_abandoned_half_way_or_an_attack_that_fails()
    {
        var failing = toys.Attacked(toys.Options with { Attack = new CountingAttack((_, _) => throw new NotSupportedException("on purpose")) });
        AttackedPictures.Pixels(toys.Attacked(toys.Options), "Attacked");
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        AttackedPictures.Pixels(toys.Attacked(toys.Options), "Attacked");
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        var view = toys.Attacked(toys.Options);
        var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Attacked"]);
        for (var row = 0; row < 6; row++)
            Assert.True(cursor.MoveNext());
        Value(getter);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        cursor.Dispose();
        cursor.Dispose();
        view.GetRowCursor(view.Schema).Dispose();

        Assert.Throws<NotSupportedException>(() => AttackedPictures.Pixels(failing, "Attacked"));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_cursor_abandoned_half_way_closes_every_cursor_over_the_data()
    {
        var data = new CursorCountingView(toys.Prepared);
        var view = toys.Attacked(toys.Options with { BatchSize = 1 }, data);

        using (var cursor = view.GetRowCursor(view.Schema))
        {
            Assert.True(cursor.MoveNext());
            Value(cursor.GetGetter<VBuffer<float>>(view.Schema["Attacked"]));
            Assert.Equal(2, data.Open);
        }

        Assert.Equal(0, data.Open);
    }

    /// <summary>What scaling by 255 and back leaves of a whole grey level.</summary>
    private static bool Closely(float[] expected, float[] actual) => DomainModels.Difference(expected, actual) < 1e-3;

    private static float[] Value(ValueGetter<VBuffer<float>> getter)
    {
        var buffer = default(VBuffer<float>);
        getter(ref buffer);
        return [.. buffer.DenseValues()];
    }

    private static Func<string> Text(DataViewRow row, DataViewSchema.Column column)
    {
        return column.Type.RawType switch
        {
            var type when type == typeof(uint) => Getter<uint>(),
            var type when type == typeof(int) => Getter<int>(),
            _ => Getter<ReadOnlyMemory<char>>(),
        };

        Func<string> Getter<T>()
            where T : struct
        {
            var getter = row.GetGetter<T>(column);
            return () =>
            {
                var value = default(T);
                getter(ref value);
                return $"{value}";
            };
        }
    }
}

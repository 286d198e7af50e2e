using Microsoft.ML.Adversarial.Components;
using Microsoft.ML.Adversarial.Data;
using Microsoft.ML.Adversarial.Networks;
using Microsoft.ML.Data;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Components;

public sealed class AdversarialExamplesTests(AttackedPictures toys) : IClassFixture<AttackedPictures>
{
    private readonly MLContext ml = toys.Ml;

    [Theory]
    [InlineData(null)]
    [InlineData("Attacked")]
    public void The_columns_promised_before_fitting_are_those_delivered_after_it(string? output)
    {
        var estimator = ml.Adversarial().Transforms.AdversarialExamples(toys.Classifier, AttackedPictures.Attack, output);

        var promised = estimator.GetOutputSchema(ShapeSpy.ShapeOf(ml, toys.Prepared));
        var transformer = estimator.Fit(toys.Prepared);
        var delivered = transformer.Transform(toys.Prepared).Schema;

        foreach (var column in promised)
        {
            var found = Assert.Single(delivered, present => !present.IsHidden && present.Name == column.Name);
            Assert.Equal(column.Kind == SchemaShape.Column.VectorKind.Scalar, found.Type is not VectorDataViewType);
            Assert.Equal(column.IsKey, found.Type is KeyDataViewType);
            Assert.Equal(column.ItemType.RawType, (found.Type is VectorDataViewType vector ? vector.ItemType : found.Type).RawType);
            Assert.Equal(column.Annotations.Select(annotation => annotation.Name).Order(), found.Annotations.Schema.Select(annotation => annotation.Name).Order());
        }
        Assert.Equal(promised.Select(column => column.Name).Order(), delivered.Where(column => !column.IsHidden).Select(column => column.Name).Order());
        Assert.Equal(delivered.Select(Shown), transformer.GetOutputSchema(toys.Prepared.Schema).Select(Shown));

        static string Shown(DataViewSchema.Column column) => $"{column} {column.IsHidden}";
    }

    [Fact]
    public void Attacked_images_replace_their_originals_or_stand_beside_them_in_a_column_of_the_same_type()
    {
        var type = toys.Prepared.Schema["Features"].Type;

        var replaced = toys.Attacked(toys.Options with { OutputColumnName = null });
        var beside = toys.Attacked(toys.Options);

        Assert.Equal(type, replaced.Schema["Features"].Type);
        Assert.Equal([true, false], replaced.Schema.Where(column => column.Name == "Features").Select(column => column.IsHidden));
        Assert.Equal(type, beside.Schema["Attacked"].Type);
        Assert.Equal(Pixels(replaced, "Features"), Pixels(beside, "Attacked"));
        Assert.Equal(Pixels(toys.Prepared, "Features"), Pixels(beside, "Features"));
        Assert.Equal(toys.Prepared.GetRowCount(), beside.GetRowCount());
        Assert.False(beside.CanShuffle);
    }

    [Theory]
    [InlineData(false, 0, 1, 0, 255)]
    [InlineData(true, 0, 1, 0, 255)]
    [InlineData(true, 127.5f, 1 / 127.5f, -1, 1)]
    public void Every_value_stays_in_the_budget_and_in_the_range_on_the_columns_own_scale(bool interleaved, float offset, float scale, float minimum, float maximum)
    {
        var view = Prepared(interleaved, offset, scale);
        using var model = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1, PixelRange = new PixelRange(minimum, maximum) }).Fit(view);

        var attacked = toys.Attacked(toys.Options with { Classifier = model }, view);

        var (before, after) = (Pixels(view, "Features"), Pixels(attacked, "Attacked"));
        var span = maximum - minimum;
        var moves = before.Zip(after).SelectMany(pair => pair.First.Zip(pair.Second, (first, second) => Math.Abs(first - second) / span * 255)).ToList();
        // A thousandth of a grey level forgives the rounding of float32.
        Assert.InRange(moves.Max(), 23.9, 24.001);
        Assert.True(moves.Average() > 5, "hardly any pixel was moved: the test sees nothing");
        Assert.All(after.SelectMany(image => image), value => Assert.InRange(value, minimum, maximum));
    }

    [Fact]
    public void Layout_and_range_of_the_column_change_nothing_but_how_it_holds_the_images()
    {
        var view = Prepared(interleaved: true, 127.5f, 1 / 127.5f);
        // One model for both: the same weights after as many updates, on the same images.
        using var planar = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 }).Fit(toys.Prepared);
        using var interleaved = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1, PixelRange = PixelRange.Signed }).Fit(view);

        var expected = Pixels(toys.Attacked(toys.Options with { Classifier = planar }), "Attacked");
        var actual = Pixels(toys.Attacked(toys.Options with { Classifier = interleaved }, view), "Attacked");

        const int plane = ToyPictures.Size * ToyPictures.Size;
        var turned = actual.Select(image => Enumerable.Range(0, 3 * plane).Select(position => (image[position % plane * 3 + position / plane] + 1) * 127.5f).ToArray());
        Assert.All(expected.Zip(turned), pair => Assert.InRange(DomainModels.Difference(pair.First, pair.Second), 0, 0.01));
    }

    /// <summary>Also with other batches than the evaluation's. The evaluation leaves misclassified images alone, so that their scores differ.</summary>
    [Fact]
    public void MLNets_evaluator_on_the_attacked_images_counts_what_EvaluateRobustness_counts_example_by_example()
    {
        var evaluation = ml.Adversarial()
            .EvaluateRobustness(toys.Classifier, toys.Prepared, [AttackedPictures.Attack], new RobustnessEvaluationOptions { Seed = 5, BatchSize = 7 }).Attacks[0];

        var scored = toys.Classifier.Transform(toys.Attacked(toys.Options with { OutputColumnName = null }));

        Assert.Contains(true, evaluation.IsCorrect);
        Assert.Contains(false, evaluation.IsCorrect);
        Assert.Equal(evaluation.IsCorrect, scored.GetColumn<uint>("PredictedLabel").Zip(scored.GetColumn<uint>("Label"), (predicted, label) => predicted == label));
        var metrics = ml.MulticlassClassification.Evaluate(scored);
        Assert.Equal(evaluation.Accuracy.Accuracy, metrics.MicroAccuracy, 6);
    }

    [Fact]
    public void The_batch_size_a_second_pass_and_cursors_side_by_side_change_nothing()
    {
        var view = toys.Attacked(toys.Options);
        var expected = Pixels(view, "Attacked");

        // Sums run in another order in other batches.
        Assert.All(expected.Zip(Pixels(toys.Attacked(toys.Options with { BatchSize = 100 }), "Attacked")), pair => Assert.InRange(DomainModels.Difference(pair.First, pair.Second), 0, 1e-3));
        Assert.Equal(expected, Pixels(view, "Attacked"));
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
    public void The_seed_decides_and_follows_from_the_context_unless_it_is_stated()
    {
        Assert.Equal(Seeded(new MLContext(seed: 1), null), Seeded(new MLContext(seed: 1), null));
        Assert.NotEqual(Seeded(new MLContext(seed: 1), null), Seeded(new MLContext(seed: 2), null));
        Assert.Equal(Seeded(new MLContext(seed: 1), 3), Seeded(new MLContext(seed: 2), 3));
        Assert.NotEqual(Seeded(new MLContext(seed: 1), 3), Seeded(new MLContext(seed: 1), 4));

        float[] Seeded(MLContext context, int? seed) =>
            Pixels(context.Adversarial().Transforms.AdversarialExamples(toys.Options with { Seed = seed }).Fit(toys.Prepared).Transform(toys.Prepared), "Attacked")[0];
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
        Assert.Equal(Pixels(toys.Prepared, "Features"), Pixels(view, "Features"));
        Assert.Equal(18, ml.Transforms.DropColumns("Attacked").Fit(view).Transform(view).Preview().RowView.Length);
        using (var cursor = view.GetRowCursor([view.Schema["Label"]]))
        {
            Assert.True(cursor.IsColumnActive(view.Schema["Label"]));
            Assert.False(cursor.IsColumnActive(view.Schema["Path"]));
            Assert.False(cursor.IsColumnActive(view.Schema["Attacked"]));
            Assert.Contains("'Attacked' is not active", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Attacked"])).Message, StringComparison.Ordinal);
        }
        Assert.Empty(attack.Batches);

        Assert.Equal(2, Pixels(ml.Data.TakeRows(view, 2), "Attacked").Count);
        Assert.Equal([4], attack.Batches);
        Assert.Equal(Pixels(toys.Prepared, "Features")[10..], Pixels(ml.Data.SkipRows(view, 10), "Attacked"), Closely);
        Assert.Equal([4, 4, 4, 2], attack.Batches);
        Assert.Equal(18, Pixels(view, "Attacked").Count);
        Assert.Equal([4, 4, 4, 2, 4, 4, 4, 4, 2], attack.Batches);

        attack.Batches.Clear();
        using var leaping = view.GetRowCursor([view.Schema["Attacked"]]);
        var getter = leaping.GetGetter<VBuffer<float>>(view.Schema["Attacked"]);
        for (var row = 0; row <= 10; row++)
        {
            Assert.True(leaping.MoveNext());
            if (row is 0 or 10)
                Assert.InRange(DomainModels.Difference(Pixels(toys.Prepared, "Features")[row], Value(getter)), 0, 1e-3);
        }
        Assert.Equal([4, 4], attack.Batches);
    }

    [Fact]
    public void Columns_and_domain_are_the_classifiers_own_unless_they_are_stated()
    {
        var renamed = ml.Transforms.CopyColumns("Pixels", "Features").Append(ml.Transforms.CopyColumns("Class", "Label"))
            .Append(ml.Transforms.DropColumns("Features", "Label")).Fit(toys.Prepared).Transform(toys.Prepared);
        var attacked = ml.Adversarial().Transforms.AdversarialExamples(toys.Classifier, AttackedPictures.Attack, "Attacked", "Pixels", "Class").Fit(renamed).Transform(renamed);
        Assert.Equal(18, Pixels(attacked, "Attacked").Count);

        using var model = DomainModels.Fit(ml, toys.Prepared, DomainModels.Options);
        using var clean = model.WithDomain(ImageDomain.Clean);
        var own = Pixels(toys.Attacked(toys.Options with { Classifier = model }), "Attacked");
        Assert.Equal(own, Pixels(toys.Attacked(toys.Options with { Classifier = clean, Domain = ImageDomain.Adversarial }), "Attacked"));
        Assert.NotEqual(own, Pixels(toys.Attacked(toys.Options with { Classifier = clean }), "Attacked"));
    }

    [Fact]
    public void It_works_inside_a_pipeline_and_its_images_can_be_taken_looked_at_drawn_saved_and_trained_on()
    {
        var pipeline = ToyPictures.Preparation(ml)
            .Append(ml.Adversarial().Transforms.AdversarialExamples(toys.Options with { OutputColumnName = null }))
            .Append(ml.Transforms.ConvertToImage(ToyPictures.Size, ToyPictures.Size, "Picture", "Features"));
        var rows = toys.Pictures.View(ml);
        var model = pipeline.Fit(rows);
        var view = model.Transform(rows);
        var expected = Pixels(toys.Attacked(toys.Options), "Attacked");

        Assert.Equal(expected, Pixels(view, "Features"));
        Assert.Equal(expected[..3], Pixels(ml.Data.TakeRows(view, 3), "Features"));
        var preview = view.Preview(maxRows: 5);
        Assert.Equal(5, preview.RowView.Length);
        Assert.Equal(expected[..5], preview.RowView.Select(row => ((VBuffer<float>)row.Values.Last(pair => pair.Key == "Features").Value).DenseValues().ToArray()));
        Assert.Equal(18, model.Append(toys.Classifier).Transform(rows).GetColumn<uint>("PredictedLabel").Count());
        using (var picture = view.GetColumn<MLImage>("Picture").First())
        {
            var red = picture.PixelFormat == MLPixelFormat.Bgra32 ? 2 : 0;
            Assert.Equal((ToyPictures.Size, (byte)expected[0][0]), (picture.Width, picture.Pixels[red]));
        }

        var path = Path.Combine(toys.Pictures.Folder, "attacked.idv");
        using (var stream = File.Create(path))
            ml.Data.SaveAsBinary(ml.Transforms.SelectColumns("Features", "Label").Fit(view).Transform(view), stream);
        Assert.Equal(expected, Pixels(ml.Data.LoadFromBinary(path), "Features"));

        using var retrained = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        Assert.Equal(18, ml.Adversarial().EvaluateRobustness(model.Append(retrained), rows).Examples);
    }

    [Fact]
    public void Nothing_of_torch_is_left_behind_also_by_a_cursor_abandoned_half_way_or_an_attack_that_fails()
    {
        var failing = toys.Attacked(toys.Options with { Attack = new CountingAttack((_, _) => throw new NotSupportedException("on purpose")) });
        Pixels(toys.Attacked(toys.Options), "Attacked");
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Pixels(toys.Attacked(toys.Options), "Attacked");
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

        Assert.Throws<NotSupportedException>(() => Pixels(failing, "Attacked"));
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

    private static List<float[]> Pixels(IDataView view, string column) => [.. view.GetColumn<float[]>(column)];

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

    private IDataView Prepared(bool interleaved, float offset, float scale) =>
        ToyPictures.Preparation(ml, interleaved: interleaved, offset: offset, scale: scale).Fit(toys.Pictures.View(ml)).Transform(toys.Pictures.View(ml));
}

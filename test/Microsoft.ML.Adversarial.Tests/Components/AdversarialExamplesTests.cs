using Microsoft.ML.Data;

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
        Assert.Equal(AttackedPictures.Pixels(replaced, "Features"), AttackedPictures.Pixels(beside, "Attacked"));
        Assert.Equal(AttackedPictures.Pixels(toys.Prepared, "Features"), AttackedPictures.Pixels(beside, "Features"));
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

        var (before, after) = (AttackedPictures.Pixels(view, "Features"), AttackedPictures.Pixels(attacked, "Attacked"));
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

        var expected = AttackedPictures.Pixels(toys.Attacked(toys.Options with { Classifier = planar }), "Attacked");
        var actual = AttackedPictures.Pixels(toys.Attacked(toys.Options with { Classifier = interleaved }, view), "Attacked");

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
    public void The_seed_decides_and_follows_from_the_context_unless_it_is_stated()
    {
        Assert.Equal(Seeded(new MLContext(seed: 1), null), Seeded(new MLContext(seed: 1), null));
        Assert.NotEqual(Seeded(new MLContext(seed: 1), null), Seeded(new MLContext(seed: 2), null));
        Assert.Equal(Seeded(new MLContext(seed: 1), 3), Seeded(new MLContext(seed: 2), 3));
        Assert.NotEqual(Seeded(new MLContext(seed: 1), 3), Seeded(new MLContext(seed: 1), 4));

        float[] Seeded(MLContext context, int? seed) =>
            AttackedPictures.Pixels(context.Adversarial().Transforms.AdversarialExamples(toys.Options with { Seed = seed }).Fit(toys.Prepared).Transform(toys.Prepared), "Attacked")[0];
    }

    [Fact]
    public void Columns_and_domain_are_the_classifiers_own_unless_they_are_stated()
    {
        var renamed = ml.Transforms.CopyColumns("Pixels", "Features").Append(ml.Transforms.CopyColumns("Class", "Label"))
            .Append(ml.Transforms.DropColumns("Features", "Label")).Fit(toys.Prepared).Transform(toys.Prepared);
        var attacked = ml.Adversarial().Transforms.AdversarialExamples(toys.Classifier, AttackedPictures.Attack, "Attacked", "Pixels", "Class").Fit(renamed).Transform(renamed);
        Assert.Equal(18, AttackedPictures.Pixels(attacked, "Attacked").Count);

        using var model = DomainModels.Fit(ml, toys.Prepared, DomainModels.Options);
        using var clean = model.WithDomain(ImageDomain.Clean);
        var own = AttackedPictures.Pixels(toys.Attacked(toys.Options with { Classifier = model }), "Attacked");
        Assert.Equal(own, AttackedPictures.Pixels(toys.Attacked(toys.Options with { Classifier = clean, Domain = ImageDomain.Adversarial }), "Attacked"));
        Assert.NotEqual(own, AttackedPictures.Pixels(toys.Attacked(toys.Options with { Classifier = clean }), "Attacked"));
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
        var expected = AttackedPictures.Pixels(toys.Attacked(toys.Options), "Attacked");

        Assert.Equal(expected, AttackedPictures.Pixels(view, "Features"));
        Assert.Equal(expected[..3], AttackedPictures.Pixels(ml.Data.TakeRows(view, 3), "Features"));
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
        Assert.Equal(expected, AttackedPictures.Pixels(ml.Data.LoadFromBinary(path), "Features"));

        using var retrained = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        Assert.Equal(18, ml.Adversarial().EvaluateRobustness(model.Append(retrained), rows).Examples);
    }

    private IDataView Prepared(bool interleaved, float offset, float scale) =>
        ToyPictures.Preparation(ml, interleaved: interleaved, offset: offset, scale: scale).Fit(toys.Pictures.View(ml)).Transform(toys.Pictures.View(ml));
}

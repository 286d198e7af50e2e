using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>What the transform of images into adversarial examples refuses, and how it says so.</summary>
public sealed class AdversarialExamplesRefusalTests(AttackedPictures toys) : IClassFixture<AttackedPictures>
{
    private readonly MLContext ml = toys.Ml;

    [Theory]
    [InlineData("Nowhere", "Label", "no column 'Nowhere'", "expected a vector of Single as ExtractPixels makes it")]
    [InlineData("Path", "Label", "'Path' is", "expected a vector of Single as ExtractPixels makes it")]
    [InlineData("Number", "Label", "'Number' is", "or images as ResizeImages makes them")]
    [InlineData("Features", "Nowhere", "no column 'Nowhere'", "expected a key")]
    [InlineData("Features", "Path", "'Path' is", "expected a key")]
    public void A_column_that_is_not_what_it_must_be_is_named_before_fitting_in_fitting_and_in_transforming(string input, string label, params string[] parts)
    {
        var options = toys.Options with { InputColumnName = input, LabelColumnName = label };

        Says(Assert.Throws<ArgumentException>(() => Estimator(options).GetOutputSchema(ShapeSpy.ShapeOf(ml, toys.Prepared))), parts);
        Says(Assert.Throws<ArgumentException>(() => Estimator(options).Fit(toys.Prepared)), parts);
    }

    [Fact]
    public void Fitted_on_one_schema_it_refuses_another()
    {
        var transformer = Estimator(toys.Options).Fit(toys.Prepared);
        var rows = toys.Pictures.View(ml);

        Says(Assert.Throws<ArgumentException>(() => transformer.Transform(rows)), "no column 'Features'");
        Says(Assert.Throws<ArgumentException>(() => transformer.GetOutputSchema(rows.Schema)), "no column 'Features'");
    }

    [Fact]
    public void Images_of_another_size_than_the_classifiers_and_other_classes_are_refused()
    {
        var rows = toys.Pictures.View(ml);
        var small = ToyPictures.Preparation(ml).Append(ml.Transforms.ResizeImages("Image", 10, 10)).Append(ml.Transforms.ExtractPixels("Features", "Image")).Fit(rows).Transform(rows);
        var reordered = ml.Transforms.Conversion.MapValueToKey("Label", "Number", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(toys.Prepared).Transform(toys.Prepared);

        Says(Assert.Throws<ArgumentException>(() => Estimator(toys.Options).Fit(small)), "'Features'", "10", "3 x 12 x 12");
        Says(Assert.Throws<ArgumentException>(() => Estimator(toys.Options).Fit(reordered)), "'Label'", "10, 11, 12", "bottom, left, right");
    }

    [Fact]
    public void Images_of_another_size_or_none_at_all_are_refused()
    {
        var rows = toys.Pictures.View(ml);
        var small = ToyPictures.Preparation(ml).Append(ml.Transforms.ResizeImages("Image", 10, 10)).Fit(rows).Transform(rows);
        var lacking = toys.Pictures.Rows.Select((row, index) => new ToyRow { Path = index == 3 ? "" : row.Path, Label = row.Label });
        var options = toys.Options with { InputColumnName = "Image" };

        Says(Assert.Throws<ArgumentException>(() => Estimator(options).Fit(small)), "'Image'", "10 x 10 pixels", "expected 12 x 12");
        var view = toys.Attacked(options, toys.Preparation.Transform(ml.Data.LoadFromEnumerable(lacking)));
        Says(Assert.Throws<InvalidDataException>(() => view.GetColumn<MLImage>("Attacked").Count()), "Row 3", "'Image'", "no image in this row");
    }

    [Fact]
    public void A_missing_label_is_named_with_its_row_and_path()
    {
        var rows = toys.Pictures.Rows.Select((row, index) => new ToyRow { Path = row.Path, Label = index == 6 ? "unheard of" : row.Label });

        var refused = Assert.Throws<InvalidDataException>(() => Read(toys.Attacked(toys.Options, toys.Preparation.Transform(ml.Data.LoadFromEnumerable(rows)))));

        Says(refused, "Row 6", toys.Pictures.Rows[6].Path, "'Label'", "missing");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-3)]
    public void A_pixel_outside_the_range_or_not_a_number_is_named_with_its_row_and_column(float value)
    {
        var images = toys.Prepared.GetColumn<float[]>("Features").ToList();
        images[9][17] = value;
        var rows = images.Zip(toys.Pictures.Rows, (image, row) => new PixelsRow { Features = image, Label = row.Label });
        var view = ml.Data.LoadFromEnumerable(rows);

        var refused = Assert.Throws<InvalidDataException>(() => Read(toys.Attacked(toys.Options, ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(view).Transform(view))));

        Says(refused, "Row 9", "'Features'", "position 17", "0..255");
    }

    [Fact]
    public void After_a_failure_no_other_rows_image_is_given_out()
    {
        var fails = true;
        var view = toys.Attacked(toys.Options with { Attack = new CountingAttack((_, images) => fails ? throw new NotSupportedException("on purpose") : images.clone()) });
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Attacked"]);
        var value = default(VBuffer<float>);
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        Assert.True(cursor.MoveNext());
        Assert.Throws<NotSupportedException>(() => getter(ref value));

        fails = false;

        Says(Assert.Throws<InvalidOperationException>(() => getter(ref value)), "no image for row 0", "failed before");
    }

    [Fact]
    public void Data_that_gives_fewer_rows_in_another_pass_is_refused()
    {
        var passes = 0;
        var view = toys.Attacked(toys.Options, toys.Preparation.Transform(ml.Data.LoadFromEnumerable(Rows())));

        Says(Assert.Throws<InvalidOperationException>(() => Read(view)), "no image for row 6", "same rows in every pass");

        IEnumerable<ToyRow> Rows()
        {
            foreach (var row in toys.Pictures.Rows.Take(Interlocked.Increment(ref passes) == 1 ? 18 : 6))
                yield return row;
        }
    }

    [Fact]
    public void An_attack_that_leaves_its_budget_or_the_pixel_range_is_caught()
    {
        var far = new CountingAttack((_, images) => images.flip(3));
        var dark = new CountingAttack((_, images) => images.AtMost(0.01).neg()) { Budget = Budget.LInf(255) };

        Says(Assert.Throws<InvalidOperationException>(() => Read(toys.Attacked(toys.Options with { Attack = far }))), "counting", "its budget");
        Says(Assert.Throws<InvalidOperationException>(() => Read(toys.Attacked(toys.Options with { Attack = dark }))), "counting", "pixels lie in [0, 1]");
    }

    [Fact]
    public void Cancelling_stops_within_a_step_of_the_attack_and_at_the_next_row()
    {
        using var source = new CancellationTokenSource();
        var (looks, cancels) = (0, true);
        var attack = new CountingAttack((network, images) =>
        {
            for (; looks < 100; looks++)
            {
                using var logits = network.Logits(images);
                if (looks == 2 && cancels)
                    source.Cancel();
            }
            return images.clone();
        });
        var view = toys.Attacked(toys.Options with { Attack = attack, CancellationToken = source.Token });

        Assert.Throws<OperationCanceledException>(() => Read(view));
        Assert.Equal(3, looks);
        Assert.Throws<OperationCanceledException>(() => Read(view));
        Assert.Single(attack.Batches);

        using var later = new CancellationTokenSource();
        var attacked = toys.Attacked(toys.Options with { CancellationToken = later.Token });
        using var cursor = attacked.GetRowCursor(attacked.Schema);
        Assert.True(cursor.MoveNext());
        later.Cancel();
        Assert.Throws<OperationCanceledException>(() => cursor.MoveNext());
        Assert.Equal(18, attacked.GetColumn<uint>("Label").Count());
    }

    [Fact]
    public void A_disposed_classifier_says_so_wherever_it_is_needed()
    {
        var classifier = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 }).Fit(toys.Prepared);
        var estimator = Estimator(toys.Options with { Classifier = classifier });
        var transformer = estimator.Fit(toys.Prepared);
        var view = transformer.Transform(toys.Prepared);
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Attacked"]);
        var value = default(VBuffer<float>);
        Assert.True(cursor.MoveNext());
        getter(ref value);

        classifier.Dispose();

        Assert.Throws<ObjectDisposedException>(() => estimator.Fit(toys.Prepared));
        Assert.Throws<ObjectDisposedException>(() => transformer.Transform(toys.Prepared));
        Assert.Throws<ObjectDisposedException>(() => view.GetRowCursor(view.Schema));
        for (var row = 1; row <= 4; row++)
            Assert.True(cursor.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => getter(ref value));
        Assert.Equal(18, view.GetColumn<uint>("Label").Count());
    }

    [Fact]
    public void A_domain_that_was_never_trained_is_refused_before_a_row_is_read()
    {
        var trained = DomainModels.Options with { Epochs = 1, Method = DomainModels.Mixed with { CleanRatio = 0 } };
        using var model = DomainModels.Fit(ml, toys.Prepared, trained);

        Says(Assert.Throws<InvalidOperationException>(() => Estimator(toys.Options with { Classifier = model, Domain = ImageDomain.Clean }).Fit(toys.Prepared)), "Clean domain", "never trained");
    }

    [Fact]
    public void It_is_not_saved_and_maps_no_single_rows_and_says_why()
    {
        var transformer = Estimator(toys.Options).Fit(toys.Prepared);
        var path = Path.Combine(toys.Pictures.Folder, "refused.zip");

        Says(Assert.Throws<NotSupportedException>(() => ml.Model.Save(transformer, toys.Prepared.Schema, path)), "in memory", "Save the pipeline without it", "SaveAsBinary");
        Says(Assert.Throws<NotSupportedException>(() => ml.Model.Save(new TransformerChain<ITransformer>(transformer), toys.Prepared.Schema, path)), "in memory");
        Assert.False(transformer.IsRowToRowMapper);
        Says(Assert.Throws<InvalidOperationException>(() => transformer.GetRowToRowMapper(toys.Prepared.Schema)), "batches", "Transform of a data view");
    }

    [Fact]
    public void Options_that_cannot_be_are_refused_by_name()
    {
        Says(Assert.Throws<ArgumentNullException>(() => ml.Adversarial().Transforms.AdversarialExamples(null!, AttackedPictures.Attack)), "classifier");
        Says(Assert.Throws<ArgumentNullException>(() => ml.Adversarial().Transforms.AdversarialExamples(toys.Classifier, null!)), "attack");
        Assert.Throws<ArgumentNullException>(() => Estimator(null!));
        Says(Assert.Throws<ArgumentNullException>(() => toys.Options with { Classifier = null! }), "Classifier");
        Says(Assert.Throws<ArgumentException>(() => toys.Options with { Classifier = toys.Preparation }), "TransformerChain", "holds no network", "LoadNetwork");
        Says(Assert.Throws<ArgumentNullException>(() => toys.Options with { Attack = null! }), "Attack");
        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().Transforms.AdversarialExamples(toys.Classifier, AttackedPictures.Attack, "")), "OutputColumnName");
        Says(Assert.Throws<ArgumentException>(() => toys.Options with { InputColumnName = " " }), "InputColumnName");
        Says(Assert.Throws<ArgumentException>(() => toys.Options with { LabelColumnName = "" }), "LabelColumnName");
        Says(Assert.Throws<ArgumentOutOfRangeException>(() => toys.Options with { BatchSize = 0 }), "BatchSize", "1 to 65536");
        Assert.Throws<ArgumentOutOfRangeException>(() => toys.Options with { Domain = (ImageDomain)7 });
        Assert.Throws<ArgumentNullException>(() => Estimator(toys.Options).Fit(null!));
        Assert.Throws<ArgumentNullException>(() => Estimator(toys.Options).GetOutputSchema(null!));
    }

    private static void Says(Exception exception, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

    private static void Read(IDataView view) => Assert.NotEmpty(view.GetColumn<float[]>("Attacked").ToList());

    private AdversarialExamplesEstimator Estimator(AdversarialExamplesOptions options) => ml.Adversarial().Transforms.AdversarialExamples(options);

    private sealed class PixelsRow
    {
        [VectorType(3, ToyPictures.Size, ToyPictures.Size)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}

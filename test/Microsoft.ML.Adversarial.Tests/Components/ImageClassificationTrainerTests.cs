using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

public sealed class ImageClassificationTrainerTests : IDisposable
{
    private readonly ToyPictures pictures = new();
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Theory]
    [InlineData("Label")]
    [InlineData("Number")]
    public void The_columns_promised_before_fitting_are_those_delivered_after_it(string labelColumn)
    {
        var view = pictures.View(ml);
        var pipeline = ToyPictures.Preparation(ml, labelColumn)
            .Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));

        var promised = pipeline.GetOutputSchema(ShapeSpy.ShapeOf(ml, view));
        var delivered = pipeline.Fit(view).Transform(view).Schema;

        foreach (var column in promised)
        {
            var found = Assert.Single(delivered, present => !present.IsHidden && present.Name == column.Name);
            Assert.Equal(column.Kind == SchemaShape.Column.VectorKind.Scalar, found.Type is not VectorDataViewType);
            Assert.Equal(column.IsKey, found.Type is KeyDataViewType);
            Assert.Equal(column.ItemType.RawType, (found.Type is VectorDataViewType vector ? vector.ItemType : found.Type).RawType);
            Assert.All(column.Annotations, annotation => Assert.Contains(found.Annotations.Schema, present => present.Name == annotation.Name));
        }
        Assert.Equal(promised.Select(column => column.Name).Order(), delivered.Where(column => !column.IsHidden).Select(column => column.Name).Order());
    }

    [Fact]
    public void Score_is_a_named_vector_and_the_predicted_label_a_scalar_key_with_the_labels_values()
    {
        var view = pictures.View(ml);

        var schema = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view).Transform(view).Schema;

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Score"].Type);
        var slots = default(VBuffer<ReadOnlyMemory<char>>);
        schema["Score"].GetSlotNames(ref slots);
        Assert.Equal(["bottom", "left", "right"], slots.DenseValues().Select(name => name.ToString()));
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), schema["PredictedLabel"].Type);
        var values = default(VBuffer<ReadOnlyMemory<char>>);
        schema["PredictedLabel"].GetKeyValues(ref values);
        Assert.Equal(["bottom", "left", "right"], values.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void A_numeric_label_comes_back_as_the_same_number()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml, labelColumn: "Number")
            .Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedNumber", "PredictedLabel"))
            .Fit(view);

        var numbers = model.Transform(view).GetColumn<int>("PredictedNumber").ToList();

        Assert.Equal(pictures.Rows.Count, numbers.Count);
        Assert.All(numbers, number => Assert.InRange(number, 10, 12));
    }

    [Fact]
    public void Training_learns_and_mlnets_own_evaluator_agrees_with_the_evaluation()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 8 }).Fit(view);

        var evaluation = ml.Adversarial().EvaluateRobustness(model, view, new PgdAttack(Budget.LInf(8)));
        var scored = ml.MulticlassClassification.Evaluate(model.Transform(view));

        Assert.True(evaluation.CleanAccuracy.Accuracy > 0.9, $"clean accuracy is {evaluation.CleanAccuracy.Accuracy}");
        Assert.Equal(evaluation.CleanAccuracy.Accuracy, scored.MicroAccuracy, 6);
        Assert.Equal(evaluation.CleanAccuracy.Accuracy, evaluation.Clean.MicroAccuracy, 6);
        Assert.Equal(scored.LogLoss, evaluation.Clean.LogLoss, 3);
        Assert.Equal(pictures.Rows.Count, evaluation.Examples);
        Assert.Equal(evaluation.Attacks[0].Accuracy.Accuracy, evaluation.Attacks[0].Metrics.MicroAccuracy, 6);
        Assert.InRange(evaluation.Attacks[0].LargestDistance, 7.9 / 255, 8.01 / 255);
        Assert.True(evaluation.WorstCaseAccuracy.Accuracy <= Math.Min(evaluation.CleanAccuracy.Accuracy, evaluation.Attacks[0].Accuracy.Accuracy));
    }

    [Fact]
    public void A_saved_model_predicts_one_image_at_a_time_as_the_live_one_does()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view);
        var path = Path.Combine(pictures.Folder, "model.zip");
        ml.Model.Save(model, view.Schema, path);

        var loaded = new MLContext().Model.Load(path, out _);
        using var engine = new MLContext().Model.CreatePredictionEngine<ToyRow, ToyPrediction>(loaded);

        var live = model.Transform(view).GetColumn<string>("PredictedClass");
        Assert.Equal(live, pictures.Rows.Select(row => engine.Predict(row).PredictedClass));
        Assert.Equal(1, engine.Predict(pictures.Rows[0]).Score.Sum(), 5);
    }

    [Theory]
    [InlineData(false, 0f, 1f)]
    [InlineData(true, 0f, 1f)]
    [InlineData(false, 0f, 1f / 255)]
    [InlineData(true, 127.5f, 1f / 127.5f)]
    public void Layout_and_scale_of_the_pixels_change_nothing_in_the_scores(bool interleaved, float offset, float scale)
    {
        var view = pictures.View(ml);
        var expected = Fit(view, false, 0, 1, PixelRange.GreyLevels);
        var range = scale == 1 ? PixelRange.GreyLevels : offset == 0 ? PixelRange.Unit : PixelRange.Signed;

        var actual = Fit(view, interleaved, offset, scale, range);

        foreach (var (first, second) in expected.Zip(actual))
            Assert.All(first.Zip(second), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_bit_for_bit_and_another_seed_others()
    {
        var first = Weights(seed: 7);

        Assert.Equal(first, Weights(seed: 7));
        Assert.NotEqual(first, Weights(seed: 8));
    }

    [Fact]
    public void The_seed_of_the_context_decides_where_no_seed_is_stated()
    {
        var options = ToyPictures.QuickOptions with { Seed = null, Epochs = 1 };
        byte[] Train(int seed) => WeightsOf(new MLContext(seed), options);

        Assert.Equal(Train(1), Train(1));
        Assert.NotEqual(Train(1), Train(2));
    }

    [Fact]
    public void Fitting_twice_gives_the_same_model_twice()
    {
        var trainer = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Seed = null, Epochs = 1 });
        var view = ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(pictures.View(ml));

        using var first = trainer.Fit(view);
        using var second = trainer.Fit(view);

        Assert.Equal(Onnx(first), Onnx(second));
    }

    [Fact]
    public void A_last_batch_of_one_tiny_image_leaves_finite_scores()
    {
        var rows = Enumerable.Range(0, 9).Select(index => new TinyRow { Label = $"{index % 2}", Features = [.. Enumerable.Repeat(20f * index, 16)] }).ToList();
        var view = ml.Data.LoadFromEnumerable(rows);
        var options = ToyPictures.QuickOptions with { ImageShape = new ImageShape(1, 4, 4), BatchSize = 8 };

        var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Adversarial().Trainers.ImageClassification(options)).Fit(view);

        Assert.All(model.Transform(view).GetColumn<float[]>("Score"), score => Assert.All(score, value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void Progress_reaches_callback_and_log()
    {
        var reports = new List<TrainingMetrics>();
        var log = new List<string>();
        ml.Log += (_, message) => log.Add(message.Message);

        ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { MetricsCallback = reports.Add }).Fit(pictures.View(ml));

        Assert.Equal(2 * 3, reports.Count);
        Assert.Equal((2, 2, 3, 3), (reports[^1].Epoch, reports[^1].Epochs, reports[^1].Batch, reports[^1].Batches));
        Assert.All(reports, report => Assert.InRange(report.RobustAccuracy, 0, 1));
        Assert.Contains(log, line => line.Contains("Epoch 2/2", StringComparison.Ordinal) && line.Contains("(of 8 images measured before their updates)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cancelled_training_throws()
    {
        using var source = new CancellationTokenSource();
        var reports = 0;
        var options = ToyPictures.QuickOptions with { CancellationToken = source.Token, MetricsCallback = _ => { reports++; source.Cancel(); } };

        Assert.Throws<OperationCanceledException>(() => ToyPictures.Pipeline(ml, options).Fit(pictures.View(ml)));
        Assert.Equal(1, reports);
    }

    [Fact]
    public void Training_and_disposing_leaves_no_tensor_behind()
    {
        var view = pictures.View(ml);
        void TrainAndEvaluate()
        {
            var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view);
            ml.Adversarial().EvaluateRobustness(model, view, new PgdAttack(Budget.LInf(8)));
            ToyPictures.ClassifierIn(model).Dispose();
        }
        TrainAndEvaluate();
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        TrainAndEvaluate();

        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_gpu_that_is_not_there_is_refused_by_its_number_unless_the_cpu_will_do()
    {
        Assert.SkipWhen(cuda.is_available(), "This machine has a GPU.");
        ml.GpuDeviceId = 5;
        ml.FallbackToCpu = false;
        var refused = Assert.Throws<TorchBackendNotFoundException>(() => ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(pictures.View(ml)));
        Assert.Contains("GpuDeviceId is 5", refused.Message, StringComparison.Ordinal);

        var warnings = new List<string>();
        ml.Log += (_, message) => { if (message.Kind == ChannelMessageKind.Warning) warnings.Add(message.Message); };
        ml.FallbackToCpu = true;
        ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(pictures.View(ml));
        Assert.Contains(warnings, warning => warning.Contains("GpuDeviceId is 5", StringComparison.Ordinal));
    }

    private sealed class TinyRow
    {
        public string Label { get; set; } = "";

        [VectorType(16)]
        public float[] Features { get; set; } = [];
    }

    private List<float[]> Fit(IDataView view, bool interleaved, float offset, float scale, PixelRange range) =>
        [.. ToyPictures.Preparation(ml, interleaved: interleaved, offset: offset, scale: scale)
            .Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { PixelRange = range }))
            .Fit(view).Transform(view).GetColumn<float[]>("Score")];

    private byte[] Weights(int seed) => WeightsOf(ml, ToyPictures.QuickOptions with { Seed = seed });

    private byte[] WeightsOf(MLContext context, ImageClassificationOptions options) =>
        Onnx(ToyPictures.ClassifierIn(ToyPictures.Pipeline(context, options).Fit(pictures.View(context))));

    private static byte[] Onnx(ImageClassificationTransformer model)
    {
        using var stream = new MemoryStream();
        model.ExportOnnx(stream);
        return stream.ToArray();
    }
}

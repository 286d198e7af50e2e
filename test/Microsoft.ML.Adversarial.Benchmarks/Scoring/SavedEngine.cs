using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A <c>model.zip</c> as an application has it: loaded with ML.NET alone, one row at a time.</summary>
internal sealed class SavedEngine : IDisposable
{
    private readonly ITransformer model;
    private readonly PredictionEngine<PixelRow, ScoreRow> engine;

    public SavedEngine(string modelZip, ImageShape image)
    {
        var ml = new MLContext();
        model = ml.Model.Load(modelZip, out _);
        var definition = SchemaDefinition.Create(typeof(PixelRow));
        definition[nameof(PixelRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, image.Channels, image.Height, image.Width);
        engine = ml.Model.CreatePredictionEngine<PixelRow, ScoreRow>(model, inputSchemaDefinition: definition);
    }

    public float[] Score(float[] pixels) => engine.Predict(new PixelRow { Features = pixels }).Score;

    public void Dispose()
    {
        engine.Dispose();
        (model as IDisposable)?.Dispose();
    }
}

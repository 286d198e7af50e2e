using System.Diagnostics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>The time that an application waits for one image.</summary>
internal static class ModelLatency
{
    private const int Rows = 64;

    /// <summary>Saves the classifier, loads it as any application would, and scores some rows one by one.</summary>
    /// <returns>The median time of a row, once all is warm.</returns>
    public static TimeSpan Measure(ImageClassificationTransformer classifier, IDataView data)
    {
        // A context of its own: one with a GPU asks ONNX Runtime for one, too.
        var ml = new MLContext();
        using var file = new MemoryStream();
        ml.Model.Save(classifier, data.Schema, file);
        file.Position = 0;
        var model = ml.Model.Load(file, out _);
        using var disposing = model as IDisposable;
        var rows = ml.Data.Cache(ml.Data.TakeRows(data, Rows), classifier.Columns.Features);
        var mapper = model.GetRowToRowMapper(rows.Schema);
        Pass(rows, mapper);
        var times = Pass(rows, mapper);
        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>Row by row as a PredictionEngine does; a data view would score several rows at once on several cores, ahead of its reader.</summary>
    private static List<TimeSpan> Pass(IDataView rows, IRowToRowMapper mapper)
    {
        var times = new List<TimeSpan>();
        var column = mapper.OutputSchema["Score"];
        using var cursor = rows.GetRowCursor(mapper.GetDependencies([column]));
        using var row = mapper.GetRow(cursor, [column]);
        var score = row.GetGetter<VBuffer<float>>(column);
        var buffer = default(VBuffer<float>);
        while (cursor.MoveNext())
        {
            var start = Stopwatch.GetTimestamp();
            score(ref buffer);
            times.Add(Stopwatch.GetElapsedTime(start));
        }
        return times;
    }
}

using System.Diagnostics;
using Microsoft.ML.Adversarial.Components;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Selection;

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
        var scored = model.Transform(ml.Data.Cache(ml.Data.TakeRows(data, Rows), classifier.Columns.Features));
        Pass(scored);
        var times = Pass(scored);
        times.Sort();
        return times[times.Count / 2];
    }

    private static List<TimeSpan> Pass(IDataView scored)
    {
        var times = new List<TimeSpan>();
        var column = scored.Schema["Score"];
        using var cursor = scored.GetRowCursor([column]);
        var score = cursor.GetGetter<VBuffer<float>>(column);
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

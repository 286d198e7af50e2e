using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>How long an application waits for the scores of one image.</summary>
internal sealed class PredictionBenchmark()
    : Benchmark("scoring/PredictionEngine", "one row at a time: a loaded model.zip and the network in torch against a bare ONNX Runtime session", rounds: 9)
{
    private const int Rows = 200;

    public override Race Prepare(Workshop workshop)
    {
        var model = workshop.Model;
        var (image, file) = (model.Frozen.Image, Path.Combine(Directory.CreateDirectory(workshop.Folder("scoring")).FullName, "model.zip"));
        model.Save(file);
        float[][] rows = [.. Enumerable.Range(0, model.Test.Count).Select(Pixels)];
        var (session, engine) = (new BareSession(file, image), new SavedEngine(file, image));
        foreach (var pixels in rows.Take(10))
            Alike.Check(session.Score(pixels), engine.Score(pixels), Eager(pixels));
        return new Race
        {
            Contestants = [Each("ONNX Runtime alone", session.Score), Each("PredictionEngine", engine.Score), Each("the network in torch, fp32", Eager)],
            MultiplyAdds = model.Network.MultiplyAdds,
            TypicalLayer = TrainedModel.TypicalLayer,
            Owned = [session, engine],
        };

        Contestant Each(string name, Func<float[], float[]> score) => Contestant.PerRow(name, Rows, row => score(rows[row % rows.Length]));

        float[] Pixels(int row)
        {
            using var scope = NewDisposeScope();
            return (model.Test.Images[row] * 255).round().data<float>().ToArray();
        }

        float[] Eager(float[] pixels)
        {
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            return model.Frozen.Logits(tensor(pixels, [1, image.Channels, image.Height, image.Width]) / 255).softmax(1).data<float>().ToArray();
        }
    }
}

using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>The graph inside a <c>model.zip</c> in ONNX Runtime alone, with its default options.</summary>
internal sealed class BareSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly long[] shape;

    public BareSession(string modelZip, ImageShape image)
    {
        using var zip = File.OpenRead(modelZip);
        using var graph = (MemoryStream)ModelZip.Graph(zip, modelZip).Content;
        session = new InferenceSession(graph.ToArray());
        shape = [1, image.Channels, image.Height, image.Width];
    }

    public float[] Score(float[] pixels)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, shape);
        using var outputs = session.Run(options, session.InputNames, [input], [ScoringChain.Score]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        options.Dispose();
        session.Dispose();
    }
}

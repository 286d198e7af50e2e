using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign;

/// <summary>A foreign file in ONNX Runtime: what every other way to run it is measured by.</summary>
internal sealed class OnnxRuntimeScores : IDisposable
{
    private readonly InferenceSession session;
    private readonly string input;
    private readonly bool isInterleaved, isSingleImage;

    /// <param name="path">A file whose first input without a default is the images.</param>
    /// <param name="channels">1 or 3; where the input's last size is this one and its second is not, channels come last.</param>
    public OnnxRuntimeScores(string path, int channels)
    {
        using var options = OneThread();
        session = new InferenceSession(path, options);
        (input, var metadata) = session.InputMetadata.First();
        isInterleaved = metadata.Dimensions[1] != channels && metadata.Dimensions[3] == channels;
        isSingleImage = metadata.Dimensions[0] == 1;
    }

    /// <summary>The nodes as they stand in the file, on one thread: test classes run side by side.</summary>
    public static SessionOptions OneThread() => new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };

    /// <param name="images">float32 [batch, channels, height, width] in the file's own range.</param>
    /// <returns>float32 [batch, classes]: the file's first output.</returns>
    public Tensor Run(Tensor images)
    {
        using var scope = NewDisposeScope();
        var laidOut = isInterleaved ? images.permute(0, 2, 3, 1) : images;
        var parts = isSingleImage ? laidOut.split(1) : [laidOut];
        return cat([.. parts.Select(RunAtOnce)]).MoveToOuterDisposeScope();
    }

    public void Dispose() => session.Dispose();

    private Tensor RunAtOnce(Tensor images)
    {
        var values = images.contiguous().data<float>().ToArray();
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(input, new DenseTensor<float>(values, [.. images.shape.Select(size => (int)size)]))]);
        var scores = outputs[0].AsTensor<float>();
        return tensor(scores.ToArray()).reshape([.. scores.Dimensions.ToArray().Select(size => (long)size)]);
    }
}

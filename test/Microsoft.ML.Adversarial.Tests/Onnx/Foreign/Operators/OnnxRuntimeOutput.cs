using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>What ONNX Runtime gives for a case.</summary>
/// <param name="Values">All numbers of the output.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record OnnxRuntimeOutput(float[] Values, long[] Shape)
{
    public static OnnxRuntimeOutput Of(OperatorCase one) => Of(one, one.Input);

    /// <summary>With other numbers than the case's own, as finite differences need them.</summary>
    public static OnnxRuntimeOutput Of(OperatorCase one, float[] input)
    {
        using var options = OnnxRuntimeScores.OneThread();
        using var session = new InferenceSession(one.Model, options);
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(OperatorCase.InputName, new DenseTensor<float>(input, [.. one.InputShape.Select(size => (int)size)]))]);
        var output = outputs[0].AsTensor<float>();
        return new OnnxRuntimeOutput([.. output], [.. output.Dimensions.ToArray().Select(size => (long)size)]);
    }
}

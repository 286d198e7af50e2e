using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign;

/// <summary>What a foreign file says about what goes in and comes out.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Image">The images' size.</param>
/// <param name="IsInterleaved">Whether the file takes [batch, height, width, channels].</param>
/// <param name="IsSingleImage">Whether its batch is fixed to 1.</param>
/// <param name="Output">The name of the scores: logits, or probabilities.</param>
/// <param name="Opset">The version of its operators.</param>
internal sealed record ForeignNetwork(string Name, ImageShape Image, bool IsInterleaved, bool IsSingleImage, string Output, long Opset)
{
    public const string Input = "images";

    public const int ClassCount = 10;

    /// <summary>Black is 0; the Keras-like networks divide by 127.5, all others take pixels in [0, 1].</summary>
    public float PixelSpan => IsInterleaved ? 255 : 1;

    public static ForeignNetwork Of(string name, ModelProto model)
    {
        // Files before version 4 of the format list their initializers among the inputs.
        var sizes = model.Graph.Input.Single(input => input.Name == Input).Type.TensorType.Shape.Dim;
        var isInterleaved = sizes[^1].DimValue == 3;
        var (channels, height, width) = isInterleaved ? (sizes[3], sizes[1], sizes[2]) : (sizes[1], sizes[2], sizes[3]);
        return new ForeignNetwork(
            name,
            new ImageShape((int)channels.DimValue, (int)height.DimValue, (int)width.DimValue),
            isInterleaved,
            IsSingleImage: sizes[0].DimValue == 1,
            model.Graph.Output[0].Name,
            model.OpsetImport.Single(opset => opset.Domain.Length == 0).Version);
    }
}

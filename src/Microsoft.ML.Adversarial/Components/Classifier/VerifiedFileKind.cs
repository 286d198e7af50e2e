namespace Microsoft.ML.Adversarial;

/// <summary>The kinds of files that this library writes.</summary>
public enum VerifiedFileKind
{
    /// <summary>A <c>model.zip</c> of <c>ml.Model.Save</c> with one classifier of this library in it.</summary>
    Model,

    /// <summary>An ONNX file of <see cref="ImageClassificationTransformer.ExportOnnx(string)"/>.</summary>
    Onnx,

    /// <summary>A safetensors file of <see cref="ImageClassificationTransformer.SaveWeights"/>.</summary>
    Weights,

    /// <summary>A training's checkpoint; see <see cref="CheckpointOptions"/>.</summary>
    Checkpoint,
}

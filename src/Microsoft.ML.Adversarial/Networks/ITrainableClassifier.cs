using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Networks;

/// <summary>A network as a training objective sees it during a weight update: differentiable in its weights.</summary>
public interface ITrainableClassifier
{
    /// <summary>Classes told apart.</summary>
    int ClassCount { get; }

    /// <summary>The class scores before softmax. Batch normalisation uses the statistics of these images alone and moves its running statistics by them.</summary>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <param name="domain">Which domain's normalisation the images pass through.</param>
    /// <returns>float32 [batch, classes], new, in the current dispose scope.</returns>
    Tensor Logits(Tensor images, ImageDomain domain);
}

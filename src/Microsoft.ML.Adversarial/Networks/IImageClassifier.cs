using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A classifier as an attack sees it: differentiable in the images, changed by nothing that is done with it.</summary>
public interface IImageClassifier
{
    /// <summary>Classes told apart.</summary>
    int ClassCount { get; }

    /// <summary>The class scores before softmax, differentiable in <paramref name="images"/>.</summary>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <returns>float32 [batch, classes], new, in the current dispose scope.</returns>
    Tensor Logits(Tensor images);
}

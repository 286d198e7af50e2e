using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network as a training method sees it during a weight update: differentiable in its weights.</summary>
public interface ITrainableClassifier
{
    /// <summary>Classes told apart.</summary>
    int ClassCount { get; }

    /// <summary>The same network, whose passes leave running statistics as they are: for what a loss looks at beside the images that train.</summary>
    ITrainableClassifier Untracked { get; }

    /// <summary>The class scores before softmax. Batch normalisation uses the statistics of these images alone and moves its running statistics by them, but for the epochs of consistent batch normalisation.</summary>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <param name="domain">Which domain's normalisation the images pass through.</param>
    /// <returns>float32 [batch, classes], new, in the current dispose scope.</returns>
    Tensor Logits(Tensor images, ImageDomain domain);

    /// <summary>
    /// The class scores before softmax of images of both domains. Where normalisation keeps domains apart, each passes through its own as a batch of its own;
    /// otherwise both are one batch, as in the failing baseline of Xie &amp; Yuille 2020 (section 3). Either may hold no image.
    /// </summary>
    /// <param name="clean">float32 [clean batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <param name="adversarial">float32 [adversarial batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <returns>float32 [clean batch, classes] and [adversarial batch, classes], new, in the current dispose scope.</returns>
    (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial);
}

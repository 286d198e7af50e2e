using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Networks that this library did not make, as attacks and evaluations see them.</summary>
public static class ImageClassifier
{
    /// <summary>
    /// A TorchSharp module of your own. It is run in evaluation mode and without gradients of its parameters; after each call every module of it is in the mode, and every
    /// parameter wants the gradient, as before. It must not be used elsewhere at the same time.
    /// </summary>
    /// <param name="module">
    /// From images, float32 [batch, channels, height, width] in [0, 1] (mean and deviation are its own business), to the class scores before softmax, [batch, classes]; where its
    /// parameters are, it computes. It stays the caller's, who disposes it.
    /// </param>
    /// <param name="classCount">Classes told apart; at least 2.</param>
    /// <returns>The classifier; it throws <see cref="InvalidOperationException"/> where the module gives no such scores.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="module"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classCount"/> is below 2.</exception>
    public static IImageClassifier Of(nn.Module<Tensor, Tensor> module, int classCount) =>
        new ModuleClassifier(Require.NotNull(module, nameof(module)), Require.InRange(classCount, 2, int.MaxValue, nameof(classCount)));
}

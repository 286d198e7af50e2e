using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network's answer to some images, for an attack that follows gradients.</summary>
/// <param name="Gradient">Of each image's loss, the shape of the images.</param>
/// <param name="Values">Each image's loss, float32 [batch].</param>
/// <param name="IsBroken">Which images are misclassified, bool [batch].</param>
internal readonly record struct LossGradient(Tensor Gradient, Tensor Values, Tensor IsBroken)
{
    public static LossGradient Of(AttackLoss loss, IImageClassifier network, Tensor images, Tensor labels, Tensor? targets)
    {
        using var gradients = enable_grad();
        var variable = images.detach().requires_grad_();
        var logits = network.Logits(variable);
        var values = loss.Values(logits, labels, targets);
        // Summed, so that an image's gradient does not depend on its batch.
        var gradient = autograd.grad([values.sum()], [variable])[0];
        return new LossGradient(gradient, values.detach(), logits.argmax(1) != labels);
    }
}

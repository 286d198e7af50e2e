using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a network said of some candidates. Its tensors live until the search has learnt from them.</summary>
public sealed class NetworkAnswer
{
    /// <summary>float32 [images, classes], before softmax.</summary>
    public required Tensor Logits { get; init; }

    /// <summary>bool [images]: which candidates are not classified as labelled.</summary>
    public required Tensor IsMisclassified { get; init; }

    /// <summary>float32 [images]: each image's loss; of several samples their sum. Null where the search has no loss.</summary>
    public Tensor? Losses { get; init; }

    /// <summary>float32, the shape of the candidates: the gradient of each image's loss. Null where the search has no loss.</summary>
    public Tensor? Gradient { get; init; }

    /// <summary>Asks about scores alone.</summary>
    internal static NetworkAnswer Of(IImageClassifier network, Tensor candidates, Tensor labels)
    {
        var logits = network.Logits(candidates).detach();
        return new NetworkAnswer { Logits = logits, IsMisclassified = Classification.IsMisclassified(logits, labels) };
    }

    /// <summary>Asks about a loss, too.</summary>
    /// <param name="network">Asked as often as there are samples.</param>
    /// <param name="candidates">The images.</param>
    /// <param name="loss">What is differentiated.</param>
    /// <param name="context">Labels and whatever else the loss is of.</param>
    /// <param name="samples">Gradients to add up, of networks that answer at random; a candidate that one of them misclassifies is misclassified.</param>
    internal static NetworkAnswer Of(IImageClassifier network, Tensor candidates, AttackLoss loss, LossContext context, int samples = 1)
    {
        var sum = Once();
        for (var sample = 1; sample < samples; sample++)
        {
            var next = Once();
            sum = new NetworkAnswer
            {
                Logits = where(next.IsMisclassified.unsqueeze(1), next.Logits, sum.Logits),
                IsMisclassified = sum.IsMisclassified.logical_or(next.IsMisclassified),
                Losses = sum.Losses!.Plus(next.Losses!),
                Gradient = sum.Gradient!.Plus(next.Gradient!),
            };
        }
        return sum;

        NetworkAnswer Once()
        {
            using var gradients = enable_grad();
            var variable = candidates.detach().requires_grad_();
            var logits = network.Logits(variable);
            var values = loss.Values(logits, context);
            // Summed, so that an image's gradient does not depend on its batch. Where it is no number it points nowhere. Laid out as the images are, so that what is made of both is fast.
            var gradient = autograd.grad([values.sum()], [variable])[0].contiguous().nan_to_num();
            return new NetworkAnswer { Logits = logits.detach(), IsMisclassified = Classification.IsMisclassified(logits.detach(), context.Labels), Losses = values.detach(), Gradient = gradient };
        }
    }
}

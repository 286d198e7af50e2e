using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Notes which images pass that want a gradient of their own, and what they had of one before.</summary>
internal sealed class WatchedImages(ITrainableClassifier network) : ITrainableClassifier
{
    private readonly List<(Tensor Images, Tensor? Gradient)> seen = [];

    public int ClassCount => network.ClassCount;

    public ITrainableClassifier Untracked => network.Untracked;

    public bool WantGradients => seen.Count > 0;

    public Tensor Logits(Tensor images, ImageDomain domain) => network.Logits(Note(images), domain);

    public (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial) => network.Logits(Note(clean), Note(adversarial));

    /// <summary>Images have the gradients that they had.</summary>
    public void PutGradientsBack()
    {
        // The first note of an image is the last put back.
        foreach (var (images, gradient) in seen.AsEnumerable().Reverse())
            images.grad = gradient;
    }

    private Tensor Note(Tensor images)
    {
        if (images.requires_grad && images.is_leaf)
            seen.Add((images, images.grad?.clone()));
        return images;
    }
}

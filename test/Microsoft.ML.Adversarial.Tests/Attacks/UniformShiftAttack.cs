using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>An attack of a user's own: brightens and darkens each image by the whole budget and a random part of it, and keeps what raises the loss.</summary>
internal sealed record UniformShiftAttack(Budget Budget) : Attack(Budget)
{
    public override string Name => "uniform shift";

    protected internal override Search Begin(SearchInput input)
    {
        var (network, images, labels, random) = (input.Network, input.Images, input.Labels, input.Random);
        var best = images.clone();
        var highest = Loss(network, images, labels);
        var part = random.Uniform("part", labels).view(-1, 1, 1, 1);
        foreach (var sign in (double[])[-1, 1])
        {
            foreach (var shift in (Tensor[])[ones_like(part).Times(sign), part.Times(sign)])
            {
                var candidate = Budget.Project(images.Plus(shift), images);
                var loss = Loss(network, candidate, labels);
                best = where((loss > highest).view(-1, 1, 1, 1), candidate, best);
                highest = maximum(loss, highest);
            }
        }
        return Search.Once(input, best);
    }

    private static Tensor Loss(IImageClassifier network, Tensor images, Tensor labels) =>
        nn.functional.cross_entropy(network.Logits(images), labels, reduction: nn.Reduction.None);
}

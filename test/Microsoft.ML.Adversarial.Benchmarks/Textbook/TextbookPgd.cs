using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>PGD within L-infinity as tutorials write it: every image takes every step, and the network's parameters go on wanting gradients.</summary>
/// <param name="Epsilon">The radius, on the scale of [0, 1].</param>
/// <param name="StepSize">On the same scale.</param>
/// <param name="Steps">From a random start.</param>
internal sealed record TextbookPgd(double Epsilon, double StepSize, int Steps)
{
    public Tensor Perturb(Module<Tensor, Tensor> network, Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var adversarial = (images + empty_like(images).uniform_(-Epsilon, Epsilon)).clamp(0, 1).detach();
        for (var step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            adversarial.requires_grad_();
            var loss = functional.cross_entropy(network.call(adversarial), labels);
            var gradient = autograd.grad([loss], [adversarial])[0];
            var moved = adversarial.detach() + StepSize * gradient.sign();
            var delta = (moved - images).clamp(-Epsilon, Epsilon);
            adversarial = (images + delta).clamp(0, 1).detach().MoveToOuterDisposeScope();
        }
        return adversarial.MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A step of adversarial training as tutorials write it: the network stays in training mode while the attack runs.</summary>
internal sealed class TextbookTraining : IDisposable
{
    private readonly TextbookResNet network;
    private readonly optim.Optimizer optimizer;
    private readonly TextbookPgd attack;

    public TextbookTraining(TextbookResNet network, TextbookPgd attack, double learningRate)
    {
        (this.network, this.attack) = (network, attack);
        network.train();
        optimizer = optim.SGD(network.parameters(), learningRate, momentum: 0.9, weight_decay: 5e-4);
    }

    /// <returns>The loss.</returns>
    public double Step(Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var adversarial = attack.Perturb(network, images, labels);
        var loss = functional.cross_entropy(network.call(adversarial), labels);
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        optimizer.Dispose();
        network.Dispose();
    }
}

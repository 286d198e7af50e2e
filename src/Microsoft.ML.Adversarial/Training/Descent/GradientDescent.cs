using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013, section 2, in PyTorch's form). Not torch.optim.SGD, whose scalars a garbage
/// collection can free in mid-step (see <see cref="TensorArithmetic"/>).
/// </summary>
/// <param name="parameters">Updated in place.</param>
/// <param name="momentum">From 0, plain gradient descent, to below 1.</param>
/// <param name="weightDecay">The L2 penalty on parameters of more than one dimension: the weights of convolutions and of the classifier.</param>
internal sealed class GradientDescent(IEnumerable<Parameter> parameters, double momentum, double weightDecay) : IDisposable
{
    private readonly (Parameter Parameter, Tensor Velocity)[] state =
        [.. parameters.Select(parameter => (parameter, zeros_like(parameter).DetachFromDisposeScope()))];

    public double LearningRate { get; set; }

    /// <summary>The momentum, in the order of the parameters.</summary>
    public IEnumerable<Tensor> Velocities => state.Select(entry => entry.Velocity);

    public void ZeroGradients()
    {
        foreach (var (parameter, _) in state)
            parameter.grad = null;
    }

    /// <summary>d = gradient + decay w; v = momentum v + d; w = w - rate (d + momentum v).</summary>
    public void Step()
    {
        using var noGradient = no_grad();
        foreach (var (parameter, velocity) in state)
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is not { } direction)
                continue;
            if (weightDecay != 0 && parameter.dim() > 1)
                direction.AddScaledInPlace(parameter, weightDecay);
            velocity.TimesInPlace(momentum).AddInPlace(direction);
            parameter.AddScaledInPlace(direction.AddScaledInPlace(velocity, momentum), -LearningRate);
        }
    }

    public void Dispose()
    {
        foreach (var (_, velocity) in state)
            velocity.Dispose();
    }
}

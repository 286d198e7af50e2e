using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Weights that stand elsewhere until they are put back.</summary>
internal sealed class WeightPerturbation : IDisposable
{
    /// <summary>As in the public code of Wu et al. 2020: keeps a vanishing gradient from dividing by zero.</summary>
    private const double Tiny = 1e-20;

    private readonly List<(Parameter Parameter, Tensor Added)> moved = [];

    /// <summary>Moves each tensor of two or more dimensions by share |w|/|d| d, d being its gradient (equation 8).</summary>
    public WeightPerturbation(IEnumerable<Parameter> parameters, double share)
    {
        using var noGradient = no_grad();
        foreach (var parameter in parameters.Where(parameter => parameter.dim() > 1))
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is not { } direction)
                continue;
            // Of a loss that is no number the weights keep nothing.
            var added = direction.mul(Length(parameter).div(Length(direction).AddInPlace(Tiny))).TimesInPlace(share).nan_to_num();
            parameter.AddInPlace(added);
            moved.Add((parameter, added.DetachFromDisposeScope()));
        }
    }

    public void Dispose()
    {
        using var noGradient = no_grad();
        foreach (var (parameter, added) in moved)
        {
            using var scope = NewDisposeScope();
            parameter.AddScaledInPlace(added, -1);
            added.Dispose();
        }
        moved.Clear();
    }

    private static Tensor Length(Tensor tensor) => tensor.mul(tensor).sum().sqrt();
}

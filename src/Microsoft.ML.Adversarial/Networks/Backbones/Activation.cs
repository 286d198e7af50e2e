namespace Microsoft.ML.Adversarial;

/// <summary>
/// The function between a network's convolutions. With a smooth one, whose gradient has no jump, adversarial training finds better perturbations and makes more robust networks, at no
/// cost in accuracy (Xie et al. 2020, arXiv:2006.14536, section 4).
/// </summary>
public enum Activation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x/(1 + exp(-x)), also called swish: smooth, and best of those that Xie et al. compare (figure 3).</summary>
    Silu,

    /// <summary>log(1 + exp(x)): smooth, and nowhere negative.</summary>
    Softplus,
}

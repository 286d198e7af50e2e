namespace Microsoft.ML.Adversarial;

/// <summary>One step of a graph.</summary>
/// <param name="Operation">What it computes.</param>
/// <param name="Inputs">Places of the values that it takes; <see cref="None"/> for one that is left out.</param>
/// <param name="Outputs">Places of the values that it makes.</param>
internal sealed record GraphStep(GraphOperation Operation, IReadOnlyList<int> Inputs, IReadOnlyList<int> Outputs)
{
    public const int None = -1;
}

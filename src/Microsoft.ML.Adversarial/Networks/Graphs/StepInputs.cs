using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a step gets.</summary>
/// <param name="Values">Null where an optional input is left out; shorter where the last ones are.</param>
/// <param name="MayOverwrite">Whether nobody else needs the first.</param>
/// <param name="Phase">Of a network in training.</param>
internal readonly record struct StepInputs(IReadOnlyList<Tensor?> Values, bool MayOverwrite, Phase Phase)
{
    public int Count => Values.Count;

    /// <summary>One that must be there.</summary>
    public Tensor this[int input] => Demand(input);

    /// <summary>All of them, which must be there.</summary>
    public Tensor[] All => [.. Enumerable.Range(0, Count).Select(Demand)];

    public Tensor? Find(int input) => input < Values.Count ? Values[input] : null;

    /// <summary>What a step has made, or another handle of it where that is an input itself, changed or not, and goes away with it. Tensors call others equal that have the same numbers.</summary>
    public Tensor Own(Tensor made) => Values.Any(value => ReferenceEquals(value, made)) ? made.alias() : made;

    private Tensor Demand(int input) => Find(input) ?? throw new InvalidDataException($"input {input} is missing; expected a value");
}

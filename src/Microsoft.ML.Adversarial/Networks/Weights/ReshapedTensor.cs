namespace Microsoft.ML.Adversarial;

/// <summary>A tensor that a weights file holds with another shape than the network.</summary>
/// <param name="Name">The network's.</param>
/// <param name="InFile">The shape in the file.</param>
/// <param name="Expected">The shape in the network.</param>
internal sealed record ReshapedTensor(string Name, long[] InFile, long[] Expected)
{
    public override string ToString() => $"{Name} [{string.Join(", ", InFile)}] for [{string.Join(", ", Expected)}]";
}

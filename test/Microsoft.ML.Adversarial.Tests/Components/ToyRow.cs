namespace Microsoft.ML.Adversarial.Tests.Components;

public sealed class ToyRow
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    /// <summary>The class as a number.</summary>
    public int Number { get; set; }
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One process: what it has is the sum.</summary>
internal sealed class SingleProcess : ProcessGroup
{
    public override int Rank => 0;

    public override int Size => 1;

    internal override void Sum(double[] numbers)
    {
    }

    internal override void Sum(long[] numbers)
    {
    }

    internal override void Sum(Tensor numbers)
    {
    }

    internal override void End(string message)
    {
    }
}

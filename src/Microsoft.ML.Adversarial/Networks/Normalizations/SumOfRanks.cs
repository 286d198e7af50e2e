using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Numbers summed over all ranks, differentiable: what a rank's number does to the losses of all comes back to it.</summary>
internal sealed class SumOfRanks : autograd.SingleTensorFunction<SumOfRanks>
{
    private const string GroupName = "group";

    public override string Name => nameof(SumOfRanks);

    /// <param name="numbers">float32, on any device.</param>
    /// <param name="group">All its ranks ask at once, for as many numbers.</param>
    public static Tensor Of(Tensor numbers, ProcessGroup group) => apply(numbers, group);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var group = (ProcessGroup)vars[1];
        ctx.save_data(GroupName, group);
        return Summed((Tensor)vars[0], group);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [Summed(grad_output, (ProcessGroup)ctx.get_data(GroupName)), null!];

    private static Tensor Summed(Tensor numbers, ProcessGroup group)
    {
        var here = numbers.detach().cpu().contiguous().clone();
        group.Sum(here);
        return here.to(numbers.device);
    }
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Numbers summed over all ranks, differentiable: what a rank's number does to the losses of all comes back to it.</summary>
internal sealed class SumOfRanks : autograd.SingleTensorFunction<SumOfRanks>
{
    private const string SharedName = "shared";

    public override string Name => nameof(SumOfRanks);

    /// <param name="numbers">float32, on any device.</param>
    /// <param name="shared">All ranks of its group ask at once, for as many numbers; what goes wrong on the way back is told to it.</param>
    public static Tensor Of(Tensor numbers, SharedStatistics shared) =>
        // Where there is no way back there is no need of a step that torch owns and calls.
        is_grad_enabled() && numbers.requires_grad ? apply(numbers, shared) : Summed(numbers, shared.Group);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var shared = (SharedStatistics)vars[1];
        ctx.save_data(SharedName, shared);
        return Summed((Tensor)vars[0], shared.Group);
    }

    /// <summary>Torch calls this, through which no exception may pass: it would end the process, or leave it waiting.</summary>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var shared = (SharedStatistics)ctx.get_data(SharedName);
        return [shared.OnWayBack(() => Summed(grad_output, shared.Group)) ?? grad_output.detach().clone(), null!];
    }

    private static Tensor Summed(Tensor numbers, ProcessGroup group)
    {
        var here = numbers.detach().cpu().contiguous().clone();
        group.Sum(here);
        return here.to(numbers.device);
    }
}

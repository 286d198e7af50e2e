using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Keeps only what goes into each residual block and computes its inside again on the way back (Chen et al. 2016, "Training deep nets with sublinear memory
/// cost"): a third more work for memory that hardly grows with depth. Gradients are those of <see cref="NetworkUpdate"/>, bit for bit. Logits lead back
/// to the weights only, not to the images.
/// </summary>
internal sealed class CheckpointedUpdate(ImageNetwork network, NormalizationStatistics statistics, Precision precision) : NetworkUpdate(network, statistics, precision)
{
    private readonly List<Pass> passes = [];

    public override void Backward(Tensor loss)
    {
        loss.backward();
        foreach (var pass in passes)
            Backward(pass);
        Dispose();
    }

    public override void Dispose()
    {
        foreach (var tensor in passes.SelectMany(pass => pass.Inputs.Append(pass.Logits)))
            tensor.Dispose();
        passes.Clear();
        base.Dispose();
    }

    protected override Tensor Forward(Tensor images, ImageDomain domain)
    {
        var inputs = new List<Tensor>();
        using var scope = NewDisposeScope();
        var activations = images.alias();
        using (no_grad())
        {
            foreach (var segment in Network.Segments)
            {
                inputs.Add(activations);
                activations = segment(activations, In(domain));
            }
        }
        var logits = activations.detach().requires_grad_(true).DetachFromDisposeScope();
        passes.Add(new Pass([.. inputs.Select(input => input.DetachFromDisposeScope())], logits, domain));
        return logits.alias().MoveToOuterDisposeScope();
    }

    private void Backward(Pass pass)
    {
        // Running statistics have moved already.
        var first = In(pass.Domain);
        var again = first with { Statistics = first.Statistics == NormalizationStatistics.Running ? first.Statistics : NormalizationStatistics.BatchUntracked };
        using var scope = NewDisposeScope();
        if (pass.Logits.grad is not { } gradient)
            return;
        for (var i = pass.Inputs.Count - 1; i >= 0; i--)
        {
            using var inner = NewDisposeScope();
            var input = pass.Inputs[i].detach().requires_grad_(i > 0);
            var output = Network.Segments[i](input, again);
            autograd.backward([output], [gradient]);
            pass.Inputs[i].Dispose();
            if (i == 0)
                continue;
            gradient.Dispose();
            gradient = input.grad!.MoveToOuterDisposeScope();
        }
    }

    private sealed record Pass(IReadOnlyList<Tensor> Inputs, Tensor Logits, ImageDomain Domain);
}

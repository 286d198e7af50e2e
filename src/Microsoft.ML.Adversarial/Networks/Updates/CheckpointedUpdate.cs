using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Keeps only what goes into each residual block and computes its inside again on the way back (Chen et al. 2016, "Training deep nets with sublinear memory
/// cost"): a third more work for memory that hardly grows with depth. Gradients are those of <see cref="NetworkUpdate"/>, bit for bit.
/// Nothing leads on from them: a gradient cannot be differentiated again.
/// </summary>
internal sealed class CheckpointedUpdate(ImageNetwork network, NormalizationStatistics statistics, Precision precision, SharedStatistics? shared = null) : NetworkUpdate(network, statistics, precision, shared)
{
    private readonly List<Pass> passes = [];

    public override void Dispose()
    {
        foreach (var tensor in passes.SelectMany(pass => pass.Inputs.Append(pass.Logits)))
            tensor.Dispose();
        foreach (var pass in passes)
            pass.Images?.Dispose();
        passes.Clear();
        base.Dispose();
    }

    protected override void GoBack(Tensor loss)
    {
        base.GoBack(loss);
        foreach (var pass in passes)
            Backward(pass);
        Dispose();
    }

    protected override Tensor Forward(Tensor images, Phase phase)
    {
        var inputs = new List<Tensor>();
        using var scope = NewDisposeScope();
        var activations = images.alias();
        using (no_grad())
        {
            foreach (var segment in Network.Segments)
            {
                inputs.Add(activations);
                activations = segment(activations, phase);
            }
        }
        var logits = activations.detach().requires_grad_(true).DetachFromDisposeScope();
        passes.Add(new Pass([.. inputs.Select(input => input.DetachFromDisposeScope())], logits, images.requires_grad ? images.alias().DetachFromDisposeScope() : null, phase));
        return logits.alias().MoveToOuterDisposeScope();
    }

    private void Backward(Pass pass)
    {
        // Running statistics have moved already.
        var again = pass.Phase with { Statistics = pass.Phase.Statistics == NormalizationStatistics.Running ? NormalizationStatistics.Running : NormalizationStatistics.BatchUntracked };
        using var scope = NewDisposeScope();
        if (pass.Logits.grad is not { } gradient)
            return;
        for (var i = pass.Inputs.Count - 1; i >= 0; i--)
        {
            using var inner = NewDisposeScope();
            var input = pass.Inputs[i].detach().requires_grad_(i > 0 || pass.Images is not null);
            var output = Network.Segments[i](input, again);
            autograd.backward([output], [gradient]);
            pass.Inputs[i].Dispose();
            if (!input.requires_grad)
                continue;
            gradient.Dispose();
            gradient = input.grad!.MoveToOuterDisposeScope();
        }
        if (pass.Images is { } images)
            autograd.backward([images], [gradient]);
    }

    /// <param name="Inputs">Of each segment.</param>
    /// <param name="Logits">Where the loss begins.</param>
    /// <param name="Images">What the caller passed, where it has a way back.</param>
    /// <param name="Phase">Which pass it is.</param>
    private sealed record Pass(IReadOnlyList<Tensor> Inputs, Tensor Logits, Tensor? Images, Phase Phase);
}

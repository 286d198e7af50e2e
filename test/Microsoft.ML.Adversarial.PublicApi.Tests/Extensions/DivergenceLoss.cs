using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Extensions;

/// <summary>How far the answer is from that to the clean image, whatever the label: the divergence that TRADES raises (Zhang et al. 2019, equation 5).</summary>
public sealed record DivergenceLoss : AttackLoss
{
    public override string Abbreviation => "KL";

    public override Tensor Values(Tensor logits, LossContext context)
    {
        var clean = context.CleanLogits.log_softmax(1);
        return clean.exp().mul(clean.sub(logits.log_softmax(1))).sum(1);
    }

    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.AddNothing();
    }
}

using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Batch normalisation of [batch, channels, height, width]. What both domains share bears torchvision's names (weight, running_mean, ...); what each has for
/// itself bears them behind clean. and adversarial.
/// </summary>
internal sealed class BatchNormalizationLayer : NormalizationLayer
{
    public const double UsualEpsilon = 1e-5;

    private const double Momentum = 0.1;

    private readonly double epsilon;

    private readonly ByDomain<ChannelAffine> affines;
    private readonly ByDomain<RunningStatistics> running;

    public BatchNormalizationLayer(int channels, Device device, bool sharesAffine, bool sharesStatistics, double epsilon)
    {
        this.epsilon = epsilon;
        affines = ByDomain<ChannelAffine>.Create(sharesAffine, () => new ChannelAffine(channels, device));
        running = ByDomain<RunningStatistics>.Create(sharesStatistics, () => new RunningStatistics(channels, device));
    }

    public override IEnumerable<Parameter> Scales => affines.Distinct.Select(affine => affine.Scale);

    public override void Register(Module owner)
    {
        if (affines.IsShared)
            affines.Clean.Register(owner);
        if (running.IsShared)
            running.Clean.Register(owner);
        if (affines.IsShared && running.IsShared)
            return;
        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            var own = new NameModule();
            if (!affines.IsShared)
                affines[domain].Register(own);
            if (!running.IsShared)
                running[domain].Register(own);
            owner.register_module(DomainNames.Of(domain), own);
        }
    }

    public override Activations Forward(Activations activations, Phase phase)
    {
        var (values, statistics) = (activations.Values, phase.Statistics);
        var (scale, shift) = affines[phase.Domain];
        var (mean, variance, batches) = running[phase.Domain];
        if (phase.Shared is { } shared && statistics != NormalizationStatistics.Running)
            return Activations.Made(Together(values, shared, affines[phase.Domain], running[phase.Domain], statistics));
        // One value for each channel (a last batch of one small image) has no variance: torch would make the running one NaN.
        var hasVariance = values.numel() > values.shape[1];
        if (statistics == NormalizationStatistics.BatchUntracked && hasVariance)
            return Activations.Made(functional.batch_norm(values, null, null, scale, shift, training: true, Momentum, epsilon));
        var tracks = statistics is NormalizationStatistics.Batch or NormalizationStatistics.Cumulative && hasVariance;
        if (tracks)
            batches.AddInPlace(1);
        var momentum = tracks ? MomentumOf(statistics, batches) : Momentum;
        return Activations.Made(functional.batch_norm(values, mean, variance, scale, shift, training: tracks, momentum, epsilon));
    }

    private Tensor Together(Tensor values, SharedStatistics shared, ChannelAffine affine, RunningStatistics tracked, NormalizationStatistics statistics)
    {
        var (scale, shift) = affine;
        var (normalized, moments) = shared.Normalize(values, scale, shift, epsilon);
        if (statistics == NormalizationStatistics.BatchUntracked || moments is not var (mean, variance))
            return normalized;
        tracked.Batches.AddInPlace(1);
        var momentum = MomentumOf(statistics, tracked.Batches);
        Transfer.Into(tracked.Mean, mean, momentum);
        Transfer.Into(tracked.Variance, variance, momentum);
        return normalized;
    }

    private static double MomentumOf(NormalizationStatistics statistics, Tensor batches) => statistics == NormalizationStatistics.Cumulative ? 1.0 / batches.cpu().item<long>() : Momentum;

    public override void CountBatchesAnew()
    {
        using var scope = NewDisposeScope();
        foreach (var statistics in running.Distinct)
            statistics.Batches.zero_();
    }

    public override void Take(Tensor scale, Tensor shift, Tensor mean, Tensor variance)
    {
        foreach (var affine in affines.Distinct)
        {
            Transfer.Into(affine.Scale, scale);
            Transfer.Into(affine.Shift, shift);
        }
        foreach (var statistics in running.Distinct)
        {
            Transfer.Into(statistics.Mean, mean);
            Transfer.Into(statistics.Variance, variance);
        }
    }

    /// <summary>gamma (x - mean)/sqrt(var + eps) + beta = (gamma/sqrt(var + eps)) x + (beta - mean gamma/sqrt(var + eps)).</summary>
    public override FrozenLayer Freeze(Phase phase)
    {
        var (scale, shift) = affines[phase.Domain];
        if (phase.Statistics != NormalizationStatistics.Running)
            return new FrozenBatchNormalization(FrozenTensor.Plain(scale), FrozenTensor.Plain(shift), epsilon);
        using var scope = NewDisposeScope();
        var factor = scale.div(running[phase.Domain].Variance.Plus(epsilon).sqrt());
        return FrozenChannelScale.Of(factor, shift.sub(running[phase.Domain].Mean.mul(factor)));
    }
}

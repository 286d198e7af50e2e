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
    private const double Momentum = 0.1, Epsilon = 1e-5;

    private readonly ByDomain<ChannelAffine> affines;
    private readonly ByDomain<RunningStatistics> running;

    public BatchNormalizationLayer(int channels, Device device, bool sharesAffine, bool sharesStatistics)
        : base(nameof(BatchNormalizationLayer))
    {
        affines = ByDomain<ChannelAffine>.Create(sharesAffine, () => new ChannelAffine(channels, device));
        running = ByDomain<RunningStatistics>.Create(sharesStatistics, () => new RunningStatistics(channels, device));
        if (sharesAffine)
            affines.Clean.Register(this);
        if (sharesStatistics)
            running.Clean.Register(this);
        if (sharesAffine && sharesStatistics)
            return;
        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            var own = new DomainModule();
            if (!sharesAffine)
                affines[domain].Register(own);
            if (!sharesStatistics)
                running[domain].Register(own);
            register_module(domain.ToString().ToLowerInvariant(), own);
        }
    }

    public override IEnumerable<Parameter> Scales => affines.Distinct.Select(affine => affine.Scale);

    public override Tensor forward(Tensor activations, ImageDomain domain, NormalizationStatistics statistics)
    {
        var (scale, shift) = affines[domain];
        var (mean, variance, batches) = running[domain];
        // One value for each channel (a last batch of one small image) has no variance: torch would make the running one NaN.
        var hasVariance = activations.numel() > activations.shape[1];
        if (statistics == NormalizationStatistics.BatchUntracked && hasVariance)
            return nn.functional.batch_norm(activations, null, null, scale, shift, training: true, Momentum, Epsilon);
        var tracks = statistics is NormalizationStatistics.Batch or NormalizationStatistics.Cumulative && hasVariance;
        if (tracks)
            batches.AddInPlace(1);
        var momentum = tracks && statistics == NormalizationStatistics.Cumulative ? 1.0 / batches.cpu().item<long>() : Momentum;
        return nn.functional.batch_norm(activations, mean, variance, scale, shift, training: tracks, momentum, Epsilon);
    }

    public override void CopyFrom(NormalizationLayer source, ImageDomain domain)
    {
        var other = (BatchNormalizationLayer)source;
        foreach (var own in Enum.GetValues<ImageDomain>())
        {
            affines[own].CopyFrom(other.affines[affines.IsShared ? domain : own]);
            running[own].CopyFrom(other.running[running.IsShared ? domain : own]);
        }
    }

    public override void CountBatchesAnew()
    {
        using var scope = NewDisposeScope();
        foreach (var statistics in running.Distinct)
            statistics.Batches.zero_();
    }

    public override IEnumerable<FrozenLayer> FreezeBehind(ConvolutionLayer convolution, ImageDomain domain, NormalizationStatistics statistics) =>
        statistics == NormalizationStatistics.Running
            ? [Fold(convolution, domain)]
            : [convolution.Freeze(), new FrozenBatchNormalization(FrozenTensor.Plain(affines[domain].Scale), FrozenTensor.Plain(affines[domain].Shift), Epsilon)];

    /// <summary>gamma (Wx - mean)/sqrt(var + eps) + beta = (W gamma/sqrt(var + eps)) x + (beta - mean gamma/sqrt(var + eps)).</summary>
    private FrozenLayer Fold(ConvolutionLayer convolution, ImageDomain domain)
    {
        using var scope = NewDisposeScope();
        var (scale, shift) = affines[domain];
        var factor = scale.div(running[domain].Variance.Plus(Epsilon).sqrt());
        return convolution.Freeze(convolution.Weight.mul(factor.view(-1, 1, 1, 1)), shift.sub(running[domain].Mean.mul(factor)));
    }

    /// <summary>Holds what one domain has for itself, under the domain's name.</summary>
    private sealed class DomainModule() : Module(nameof(DomainModule));
}

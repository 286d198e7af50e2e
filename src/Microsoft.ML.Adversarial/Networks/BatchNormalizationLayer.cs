using Microsoft.ML.Adversarial.Common;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Networks;

/// <summary>Batch normalisation of [batch, channels, height, width] with one set of statistics for both domains; torchvision's names.</summary>
internal sealed class BatchNormalizationLayer : NormalizationLayer
{
    private const double Momentum = 0.1, Epsilon = 1e-5;

    private readonly Parameter scale, shift;

    private readonly Tensor runningMean, runningVariance, batchesTracked;

    public BatchNormalizationLayer(int channels, Device device)
        : base(nameof(BatchNormalizationLayer))
    {
        scale = new Parameter(ones(channels, device: device));
        shift = new Parameter(zeros(channels, device: device));
        runningMean = zeros(channels, device: device);
        runningVariance = ones(channels, device: device);
        batchesTracked = zeros([], int64, device);
        register_parameter("weight", scale);
        register_parameter("bias", shift);
        register_buffer("running_mean", runningMean);
        register_buffer("running_var", runningVariance);
        register_buffer("num_batches_tracked", batchesTracked);
    }

    public override IEnumerable<Parameter> Scales => [scale];

    public override Tensor forward(Tensor activations, ImageDomain domain, NormalizationStatistics statistics)
    {
        // One value for each channel (a last batch of one small image) has no variance: torch would make the running one NaN.
        var tracks = statistics == NormalizationStatistics.Batch && activations.numel() > activations.shape[1];
        if (tracks)
            batchesTracked.AddInPlace(1);
        return nn.functional.batch_norm(activations, runningMean, runningVariance, scale, shift, training: tracks, Momentum, Epsilon);
    }

    /// <summary>gamma (Wx - mean)/sqrt(var + eps) + beta = (W gamma/sqrt(var + eps)) x + (beta - mean gamma/sqrt(var + eps)).</summary>
    public override IEnumerable<FrozenLayer> FreezeBehind(ConvolutionLayer convolution, ImageDomain domain)
    {
        using var scope = NewDisposeScope();
        var factor = scale.div(runningVariance.Plus(Epsilon).sqrt());
        var weight = convolution.Weight.mul(factor.view(-1, 1, 1, 1));
        var bias = shift.sub(runningMean.mul(factor));
        return [convolution.Freeze(weight, bias)];
    }
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One step of a frozen network: what attacks differentiate through, evaluation runs, and the ONNX writer writes.</summary>
internal abstract record FrozenLayer
{
    public abstract Activations Forward(Activations activations);

    /// <summary>The tensors this layer owns.</summary>
    public virtual IEnumerable<Tensor> Tensors => [];

    /// <summary>The same layer with tensors of its own, those of convolutions rounded to this type.</summary>
    public virtual FrozenLayer In(ScalarType type) => this;
}

/// <summary>Frozen layers one behind the other.</summary>
internal static class FrozenChain
{
    public static Activations Forward(this IEnumerable<FrozenLayer> layers, Activations activations) =>
        layers.Aggregate(activations, (x, layer) => layer.Forward(x));
}

/// <summary>x scale + shift for every pixel: the network's input normalisation.</summary>
internal sealed record FrozenScale(float Scale, float Shift) : FrozenLayer
{
    public override Activations Forward(Activations activations) => Activations.Made(activations.Values.Times(Scale).AddInPlace(Shift));
}

/// <summary>x scale + shift with [1, channels, 1, 1] numbers, one for each channel: pixels by channel, or a normalisation behind which there is no convolution.</summary>
internal sealed record FrozenChannelScale(Tensor Scale, Tensor Shift) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Scale, Shift];

    public override Activations Forward(Activations activations) => activations.Scaled(Scale, Shift);

    public override FrozenLayer In(ScalarType type) => new FrozenChannelScale(FrozenTensor.Plain(Scale), FrozenTensor.Plain(Shift));

    /// <param name="scale">[channels].</param>
    /// <param name="shift">[channels].</param>
    public static FrozenChannelScale Of(Tensor scale, Tensor shift)
    {
        using var scope = NewDisposeScope();
        return new FrozenChannelScale(FrozenTensor.Plain(scale.view(1, -1, 1, 1)), FrozenTensor.Plain(shift.view(1, -1, 1, 1)));
    }
}

/// <summary>A convolution, with the normalisation behind it folded in where that is possible; otherwise it has no bias.</summary>
internal sealed record FrozenConvolution(Tensor Weight, Tensor? Bias, int Stride, int Padding) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => Bias is null ? [Weight] : [Weight, Bias];

    public override Activations Forward(Activations activations) =>
        Activations.Made(Convolution.Of(activations.Values, Weight, Bias, [Stride, Stride], [Padding, Padding]));

    public override FrozenLayer In(ScalarType type) =>
        new FrozenConvolution(FrozenTensor.In(type, Weight), Bias is null ? null : FrozenTensor.In(type, Bias), Stride, Padding);

    /// <summary>s (Wx) + t = (s W) x + t. Takes the place of both, whose tensors it frees.</summary>
    public FrozenConvolution With(FrozenChannelScale map)
    {
        using var scope = NewDisposeScope();
        var folded = new FrozenConvolution(FrozenTensor.Image(Weight.mul(map.Scale.view(-1, 1, 1, 1))), FrozenTensor.Plain(map.Shift.view(-1)), Stride, Padding);
        foreach (var tensor in Tensors.Concat(map.Tensors))
            tensor.Dispose();
        return folded;
    }
}

/// <summary>Normalises with the statistics of the batch at hand and remembers nothing: for attacks on a network in training, never exported.</summary>
internal sealed record FrozenBatchNormalization(Tensor Scale, Tensor Shift, double Epsilon) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Scale, Shift];

    public override Activations Forward(Activations activations) =>
        Activations.Made(nn.functional.batch_norm(activations.Values, null, null, Scale, Shift, training: true, eps: Epsilon));

    public override FrozenLayer In(ScalarType type) => new FrozenBatchNormalization(FrozenTensor.Plain(Scale), FrozenTensor.Plain(Shift), Epsilon);
}

/// <summary>Normalises each image over groups of its channels.</summary>
internal sealed record FrozenGroupNormalization(Tensor Scale, Tensor Shift, int Groups, double Epsilon) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Scale, Shift];

    public override Activations Forward(Activations activations) => Activations.Made(nn.functional.group_norm(activations.Values, Groups, Scale, Shift, Epsilon));

    public override FrozenLayer In(ScalarType type) => new FrozenGroupNormalization(FrozenTensor.Plain(Scale), FrozenTensor.Plain(Shift), Groups, Epsilon);
}

/// <summary>The channels in reverse order: red first becomes blue first.</summary>
internal sealed record FrozenChannelFlip : FrozenLayer
{
    public override Activations Forward(Activations activations) => Activations.Made(activations.Values.flip(1));
}

internal sealed record FrozenActivation(Activation Activation) : FrozenLayer
{
    public override Activations Forward(Activations activations) => activations.Through(Activation);
}

/// <summary>Zeros around each image.</summary>
internal sealed record FrozenPadding(Borders Borders) : FrozenLayer
{
    public override Activations Forward(Activations activations) => activations.Padded(Borders);
}

internal sealed record FrozenMaxPool(int Kernel, int Stride, int Padding) : FrozenLayer
{
    public override Activations Forward(Activations activations) => Activations.Made(nn.functional.max_pool2d(activations.Values, Kernel, Stride, Padding));
}

/// <summary>main(x) + shortcut(x); an empty shortcut is the identity.</summary>
internal sealed record FrozenResidual(IReadOnlyList<FrozenLayer> Main, IReadOnlyList<FrozenLayer> Shortcut) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => Main.Concat(Shortcut).SelectMany(layer => layer.Tensors);

    public override Activations Forward(Activations activations) => activations.Fork(Main.Forward, Shortcut.Forward);

    public override FrozenLayer In(ScalarType type) => new FrozenResidual([.. Main.Select(layer => layer.In(type))], [.. Shortcut.Select(layer => layer.In(type))]);
}

/// <summary>The mean of each channel: [n, c, h, w] to [n, c].</summary>
internal sealed record FrozenGlobalPool : FrozenLayer
{
    public override Activations Forward(Activations activations) => activations.Pool();
}

internal sealed record FrozenLinear(Tensor Weight, Tensor Bias) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Weight, Bias];

    public override Activations Forward(Activations activations) => Activations.Made(nn.functional.linear(activations.In(Weight.dtype).Values, Weight, Bias));

    public override FrozenLayer In(ScalarType type) => new FrozenLinear(FrozenTensor.Plain(Weight), FrozenTensor.Plain(Bias));
}

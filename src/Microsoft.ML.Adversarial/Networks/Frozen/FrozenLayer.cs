using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One step of a frozen network: what attacks differentiate through, evaluation runs, and the ONNX writer writes.</summary>
internal abstract record FrozenLayer
{
    /// <summary>May overwrite its input where no gradient needs it.</summary>
    public abstract Tensor Forward(Tensor activations);

    /// <summary>The tensors this layer owns.</summary>
    public virtual IEnumerable<Tensor> Tensors => [];
}

/// <summary>x scale + shift for every pixel: the network's input normalisation.</summary>
internal sealed record FrozenScale(float Scale, float Shift) : FrozenLayer
{
    public override Tensor Forward(Tensor activations) => activations.Times(Scale).AddInPlace(Shift);
}

/// <summary>x scale + shift with [1, channels, 1, 1] numbers, one for each channel.</summary>
internal sealed record FrozenChannelScale(Tensor Scale, Tensor Shift) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Scale, Shift];

    public override Tensor Forward(Tensor activations) => activations.mul(Scale).AddInPlace(Shift);
}

/// <summary>A convolution, with the normalisation behind it folded in where that is possible; otherwise it has no bias.</summary>
internal sealed record FrozenConvolution(Tensor Weight, Tensor? Bias, int Stride, int Padding) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => Bias is null ? [Weight] : [Weight, Bias];

    public override Tensor Forward(Tensor activations) =>
        nn.functional.conv2d(activations, Weight, Bias, strides: [Stride, Stride], padding: [Padding, Padding]);
}

/// <summary>Normalises with the statistics of the batch at hand and remembers nothing: for attacks on a network in training, never exported.</summary>
internal sealed record FrozenBatchNormalization(Tensor Scale, Tensor Shift, double Epsilon) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Scale, Shift];

    public override Tensor Forward(Tensor activations) =>
        nn.functional.batch_norm(activations, null, null, Scale, Shift, training: true, eps: Epsilon);
}

/// <summary>Normalises each image over groups of its channels.</summary>
internal sealed record FrozenGroupNormalization(Tensor Scale, Tensor Shift, int Groups, double Epsilon) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Scale, Shift];

    public override Tensor Forward(Tensor activations) => nn.functional.group_norm(activations, Groups, Scale, Shift, Epsilon);
}

/// <summary>Overwrites its input, which is always the output of a convolution, a normalisation or an addition.</summary>
internal sealed record FrozenRelu : FrozenLayer
{
    public override Tensor Forward(Tensor activations) => activations.relu_();
}

internal sealed record FrozenMaxPool(int Kernel, int Stride, int Padding) : FrozenLayer
{
    public override Tensor Forward(Tensor activations) => nn.functional.max_pool2d(activations, Kernel, Stride, Padding);
}

/// <summary>relu(main(x) + shortcut(x)); an empty shortcut is the identity.</summary>
internal sealed record FrozenResidual(IReadOnlyList<FrozenLayer> Main, IReadOnlyList<FrozenLayer> Shortcut) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => Main.Concat(Shortcut).SelectMany(layer => layer.Tensors);

    public override Tensor Forward(Tensor activations)
    {
        var main = Main.Aggregate(activations, (x, layer) => layer.Forward(x));
        var shortcut = Shortcut.Aggregate(activations, (x, layer) => layer.Forward(x));
        return main.AddInPlace(shortcut).relu_();
    }
}

/// <summary>The mean of each channel: [n, c, h, w] to [n, c].</summary>
internal sealed record FrozenGlobalPool : FrozenLayer
{
    public override Tensor Forward(Tensor activations) => activations.mean([2, 3]);
}

internal sealed record FrozenLinear(Tensor Weight, Tensor Bias) : FrozenLayer
{
    public override IEnumerable<Tensor> Tensors => [Weight, Bias];

    public override Tensor Forward(Tensor activations) => nn.functional.linear(activations, Weight, Bias);
}

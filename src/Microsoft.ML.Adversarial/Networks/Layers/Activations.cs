using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What passes from layer to layer. Only what a layer has made, and its gradient does not need, may the next one overwrite: never the caller's images, what enters a residual
/// block, or the output of a ReLU.
/// </summary>
/// <param name="Values">float32 or bfloat16 [batch, channels, height, width], or [batch, features] behind the pooling.</param>
/// <param name="MayOverwrite">Whether the one that takes them may.</param>
internal readonly record struct Activations(Tensor Values, bool MayOverwrite)
{
    /// <summary>Somebody else's.</summary>
    public static Activations Given(Tensor values) => new(values, MayOverwrite: false);

    /// <summary>New, and of no further use to the one that made them.</summary>
    public static Activations Made(Tensor values) => new(values, MayOverwrite: true);

    /// <summary>The same as numbers of this type: themselves where they are of it.</summary>
    public Activations In(ScalarType type) => Values.dtype == type ? this : Made(Values.to(type));

    /// <summary>The mean of each channel, in float32 from here on: [n, c, h, w] to [n, c]. Taken so that its gradient has the channels last, as all others have.</summary>
    public Activations Pool() => Made(Values.permute(0, 2, 3, 1).mean([1, 2], type: float32));

    /// <summary>Each channel times its scale plus its shift.</summary>
    /// <param name="scale">[1, channels, 1, 1] or [1, 1, 1, 1].</param>
    /// <param name="shift">As the scale.</param>
    public Activations Scaled(Tensor scale, Tensor shift) =>
        Made(Values.mul(scale.to(Values.dtype)).AddInPlace(shift.to(Values.dtype)));

    /// <summary>Each number through a function. The gradient of a ReLU goes by its output, that of the others by their input.</summary>
    public Activations Through(Activation activation) => activation switch
    {
        Activation.Relu => Given(MayOverwrite ? Values.relu_() : Values.relu()),
        Activation.Silu => Made(nn.functional.silu(Values)),
        Activation.Softplus => Made(nn.functional.softplus(Values)),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "There is no such activation."),
    };

    /// <summary>With zeros around each image; forward and back with the channels last.</summary>
    public Activations Padded(Borders borders) =>
        Made(nn.functional.pad(Values.permute(0, 2, 3, 1), [0, 0, borders.Left, borders.Right, borders.Top, borders.Bottom]).permute(0, 3, 1, 2));

    /// <summary>The sum, whose gradient needs neither summand.</summary>
    public Activations Plus(Activations other) => Made(MayOverwrite ? Values.AddInPlace(other.Values) : Values.Plus(other.Values));

    /// <summary>The sum of what two branches make of these.</summary>
    public Activations Fork(Func<Activations, Activations> main, Func<Activations, Activations> shortcut)
    {
        var given = Given(Values);
        return main(given).Plus(shortcut(given));
    }
}

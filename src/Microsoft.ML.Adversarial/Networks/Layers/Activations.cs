using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What passes from layer to layer. Only what a layer has made, and its gradient does not need, may the next one overwrite: never the caller's images, what enters a residual
/// block, or the output of a ReLU.
/// </summary>
/// <param name="Values">float32 [batch, channels, height, width], or [batch, features] behind the pooling.</param>
/// <param name="MayOverwrite">Whether the one that takes them may.</param>
internal readonly record struct Activations(Tensor Values, bool MayOverwrite)
{
    /// <summary>Somebody else's.</summary>
    public static Activations Given(Tensor values) => new(values, MayOverwrite: false);

    /// <summary>New, and of no further use to the one that made them.</summary>
    public static Activations Made(Tensor values) => new(values, MayOverwrite: true);

    /// <summary>max(x, 0); its gradient goes by its own output.</summary>
    public Activations Relu() => Given(MayOverwrite ? Values.relu_() : Values.relu());

    /// <summary>The sum, whose gradient needs neither summand.</summary>
    public Activations Plus(Activations other) => Made(MayOverwrite ? Values.AddInPlace(other.Values) : Values.Plus(other.Values));

    /// <summary>The sum of what two branches make of these.</summary>
    public Activations Fork(Func<Activations, Activations> main, Func<Activations, Activations> shortcut)
    {
        var given = Given(Values);
        return main(given).Plus(shortcut(given));
    }
}

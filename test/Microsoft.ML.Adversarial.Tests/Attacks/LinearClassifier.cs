using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>Logits W x + b with weights from a formula: every gradient and every optimum is known in closed form.</summary>
internal sealed class LinearClassifier : IImageClassifier
{
    private readonly Tensor weight, bias;

    /// <param name="rows">The weights of each class, one number for every pixel value.</param>
    /// <param name="bias">One number for every class; null for zeros.</param>
    public LinearClassifier(float[][] rows, float[]? bias = null)
    {
        Rows = rows;
        // Cloned into torch's own memory: a matrix product rounds by where its operands lie, and tensor() leaves them in the array.
        weight = tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]).clone().DetachFromDisposeScope();
        this.bias = tensor(bias ?? new float[rows.Length]).clone().DetachFromDisposeScope();
    }

    public float[][] Rows { get; }

    public int ClassCount => Rows.Length;

    public Tensor Weight => weight;

    /// <summary>Weights that look random, have no zeros and are the same on every machine.</summary>
    public static LinearClassifier Of(int classes, int pixels, double scale = 1) =>
        new([.. Enumerable.Range(0, classes).Select(row => Enumerable.Range(0, pixels).Select(column => (float)(scale * Math.Sin(1 + 37 * row + 1.7 * column + row * column))).ToArray())]);

    public Tensor Logits(Tensor images) => nn.functional.linear(images.flatten(1), weight, bias);
}

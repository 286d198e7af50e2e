namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A 3x3 convolution from as many channels to as many, stride 1.</summary>
/// <param name="Channels">In and out.</param>
/// <param name="Size">Height and width.</param>
/// <param name="Batch">Images.</param>
internal sealed record ConvolutionShape(int Channels, int Size, int Batch)
{
    public long MultiplyAdds => 9L * Channels * Channels * Size * Size * Batch;
}

namespace Microsoft.ML.Adversarial;

/// <summary>What an ONNX file says of the network in it; from <see cref="DeployedClassifier.Facts"/>.</summary>
public sealed record NetworkFacts
{
    /// <summary>The program that wrote the network and its version, such as <c>pytorch 2.6.0</c>; empty where the file does not say.</summary>
    public required string Producer { get; init; }

    /// <summary>How the file holds its real numbers, such as <c>float32</c> or <c>float16, float32</c>. What is computed of them here is computed in float32.</summary>
    public required string NumberTypes { get; init; }

    /// <summary>Convolutions and products with weights, those of shortcuts among them.</summary>
    public required int Layers { get; init; }

    /// <summary>Numbers that training moves: weights, biases, and what normalisations have left that is not folded into these.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiplications with an addition that all convolutions and products take for one image: what papers on networks call FLOPs.</summary>
    public required long MultiplyAdds { get; init; }
}

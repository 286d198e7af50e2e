namespace Microsoft.ML.Adversarial;

/// <summary>What makes one model better than another.</summary>
public enum SelectionMetric
{
    /// <summary>Accuracy under the selection's attack.</summary>
    RobustAccuracy,

    /// <summary>Accuracy on clean images.</summary>
    CleanAccuracy,

    /// <summary>The harmonic mean of both: no model is good at which one of them is bad.</summary>
    HarmonicMean,
}

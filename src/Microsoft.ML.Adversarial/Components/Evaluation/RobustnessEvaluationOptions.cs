
namespace Microsoft.ML.Adversarial;

/// <summary>How <c>EvaluateRobustness</c> runs.</summary>
public sealed record RobustnessEvaluationOptions : EvaluationOptions
{
    /// <summary>The domain whose normalisation the images pass through and the attacks differentiate through.</summary>
    /// <value>Default null: the model's own.</value>
    public ImageDomain? Domain { get; init => field = value is { } domain ? Require.Defined(domain) : null; }
}


namespace Microsoft.ML.Adversarial;

/// <summary>How <c>EvaluateRobustness</c> runs on a network of your own: where the images are, and what the network tells apart.</summary>
/// <example>
/// <code>
/// var ofModule = ml.Adversarial().EvaluateRobustness(
///     ImageClassifier.Of(module, classCount: 10), prepared, [new PgdAttack(Budget.LInf(8))], new NetworkEvaluationOptions { StateFile = "module.jsonl" });
/// </code>
/// </example>
public sealed record NetworkEvaluationOptions : PixelEvaluationOptions
{
    /// <summary>The classes in the order of the network's scores, as text. Labels with other key values, or in another order, are refused.</summary>
    /// <value>Default null: the label's key values, in their order, which must then be the network's.</value>
    public IReadOnlyList<string>? ClassNames { get; init => field = value is null ? null : Require.NotEmpty(value); }
}

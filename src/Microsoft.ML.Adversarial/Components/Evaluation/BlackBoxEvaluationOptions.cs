
namespace Microsoft.ML.Adversarial;

/// <summary>How <c>EvaluateBlackBox</c> runs: where in the model's pipeline the pixels and the scores are.</summary>
/// <example>
/// <code>
/// var blackBox = ml.Adversarial().EvaluateBlackBox(
///     linear, test, [new SquareAttack(Budget.LInf(12)) { Queries = 500 }], new BlackBoxEvaluationOptions { StateFile = "square.jsonl" });
/// </code>
/// </example>
public sealed record BlackBoxEvaluationOptions : PixelEvaluationOptions
{
    /// <summary>The vector of Single with a score for each class, in the order of the label's key values.</summary>
    /// <value>Default <c>Score</c>.</value>
    public string ScoreColumnName { get; init => field = Require.NotEmpty(value); } = "Score";
}

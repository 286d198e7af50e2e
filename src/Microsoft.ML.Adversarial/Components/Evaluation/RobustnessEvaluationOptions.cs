
namespace Microsoft.ML.Adversarial;

/// <summary>How <c>EvaluateRobustness</c> runs.</summary>
/// <example>
/// <code>
/// var audit = ml.Adversarial().EvaluateRobustness(
///     deployed, test, [AutoAttack.Standard(Budget.LInf(8))], new RobustnessEvaluationOptions { StateFile = "evaluation.jsonl" });
/// foreach (var member in audit.Attacks[0].Members)
///     Console.WriteLine($"{member.Attack.Name} broke {member.Broken} of {member.Examples} images");
/// Console.WriteLine($"{audit.WorstCaseAccuracy.Accuracy:p1} withstand, at least {audit.WorstCaseAccuracy.Lower:p1} with 95 % confidence");
/// </code>
/// </example>
public sealed record RobustnessEvaluationOptions : EvaluationOptions
{
    /// <summary>The domain whose normalisation the images pass through and the attacks differentiate through.</summary>
    /// <value>Default null: the model's own.</value>
    public ImageDomain? Domain { get; init => field = value is { } domain ? Require.Defined(domain) : null; }

    /// <summary>
    /// The numbers in which the network computes while attacks search. In <see cref="Precision.BFloat16"/> searches are faster and a little weaker; whether an image is broken is decided
    /// in float32 in either case, so no image counts as broken that is not, and a search goes on where float32 does not agree.
    /// </summary>
    /// <value>Default <see cref="Precision.Single"/>; not <see cref="Precision.Automatic"/>.</value>
    public Precision SearchPrecision { get; init => field = Require.Stated(value); } = Precision.Single;
}

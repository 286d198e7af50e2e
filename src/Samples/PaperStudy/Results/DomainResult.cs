using Microsoft.ML.Adversarial;


namespace Samples.PaperStudy.Results;

/// <param name="Domain">Whose normalisation the images went through.</param>
/// <param name="CleanAccuracy">The share classified as labelled, from 0 to 1.</param>
/// <param name="Examples">What the share is of.</param>
/// <param name="Attacks">From the shortest to the longest.</param>
public sealed record DomainResult(ImageDomain Domain, double CleanAccuracy, long Examples, IReadOnlyList<AttackResult> Attacks)
{
    /// <summary>The attacks, and before them the clean images as an attack of no step.</summary>
    internal IEnumerable<AttackResult> Conditions => Attacks.Prepend(new AttackResult(0, CleanAccuracy, Examples));
}

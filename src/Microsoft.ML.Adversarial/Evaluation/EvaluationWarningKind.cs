namespace Microsoft.ML.Adversarial;

/// <summary>What can make a measured robustness doubtful (after Carlini et al. 2019, "On evaluating adversarial robustness", and the checks of AutoAttack).</summary>
public enum EvaluationWarningKind
{
    /// <summary>
    /// The network answers the same images differently each time, so an attack chases noise. Remedy: switch the randomness off, or evaluate with
    /// <see cref="AutoAttack.Randomized"/>.
    /// </summary>
    AnswersVary,

    /// <summary>
    /// The network's logits look like probabilities: a softmax in the network flattens the gradients of the attacks' losses. Remedy: let
    /// <see cref="IImageClassifier.Logits"/> return the scores before the softmax.
    /// </summary>
    AnswersAreProbabilities,

    /// <summary>The network's scores of some images are not numbers, and those images count as misclassified. Remedy: look for what divides by zero or overflows.</summary>
    AnswersAreNotNumbers,

    /// <summary>
    /// Many images have no gradient to follow: the network rounds, or its logits are so large that the softmax saturates. Attacks on the cross-entropy
    /// fail without the network being robust. Remedy: quote AutoAttack, whose losses do not depend on the scale, or Square, which needs no gradient.
    /// </summary>
    GradientsVanish,

    /// <summary>
    /// An attack that sees scores alone breaks what attacks along gradients left standing: the gradients mislead. Remedy: quote the worst case, and look for
    /// what hides the gradients.
    /// </summary>
    ScoresBeatGradients,

    /// <summary>
    /// The same attack with more steps breaks fewer images: it has not converged, or its gradients mislead. Remedy: more restarts, other step sizes, APGD,
    /// which needs none; quote the worst case.
    /// </summary>
    MoreStepsBreakFewer,

    /// <summary>The same attack with a larger budget breaks fewer images; as for <see cref="MoreStepsBreakFewer"/>.</summary>
    LargerBudgetBreaksFewer,

    /// <summary>An attack with a budget breaks no image at all: it has no effect. Remedy: check epsilon's unit and the pixel range; try a larger budget.</summary>
    AttackBreaksNothing,

    /// <summary>Fewer than 100 examples: the accuracy may be off by 10 points and more. Remedy: evaluate more images; 1,000 give 3 points.</summary>
    FewExamples,
}

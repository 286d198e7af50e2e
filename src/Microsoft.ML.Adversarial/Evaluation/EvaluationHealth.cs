using System.Globalization;

namespace Microsoft.ML.Adversarial;

/// <summary>Looks at what was measured and finds reasons to doubt it.</summary>
internal static class EvaluationHealth
{
    private const int UsualExamples = 100;

    /// <summary>The share of images without a gradient from which on the gradients are said to vanish: a sure network has a few.</summary>
    private const double FewFlat = 0.1;

    /// <summary>The share of all examples that Square may find behind the gradient attacks of an ensemble, as in AutoAttack's own check; one example is never enough to tell.</summary>
    private const double FewBroken = 0.002;

    /// <summary>What attacks call the number of their questions to the network.</summary>
    private static readonly string[] Efforts = ["steps", "queries"];

    public static IReadOnlyList<EvaluationWarning> Of(EvaluationOutcome outcome)
    {
        var warnings = new List<EvaluationWarning>();
        AddNetwork(warnings, outcome.Network);
        var attacked = outcome.Conditions.Skip(1).ToList();
        foreach (var condition in attacked)
        {
            AddEnsemble(warnings, condition, outcome.Labels.Count);
            if (condition.Attack!.Budget.Radius > 0 && outcome.Conditions[0].Tally.Correct is > 0 and var clean && condition.Tally.Correct == clean)
                warnings.Add(new(EvaluationWarningKind.AttackBreaksNothing, $"{condition.Attack} broke none of {clean} images. Check epsilon's unit and the pixel range, or give it a larger budget."));
        }
        foreach (var (one, other) in attacked.SelectMany(one => attacked.Select(other => (one, other))))
            AddPair(warnings, one, other);
        if (outcome.Conditions.Sum(condition => condition.Predicted.Count(found => found == Classification.None)) is > 0 and var silent)
            warnings.Add(new(EvaluationWarningKind.AnswersAreNotNumbers, $"The network's scores of {silent} images, clean or attacked, are not numbers; they count as misclassified. Look for what divides by zero or overflows."));
        if (outcome.Labels.Count < UsualExamples)
            warnings.Add(new(EvaluationWarningKind.FewExamples, $"{outcome.Labels.Count} examples were evaluated; expected at least {UsualExamples}. See the accuracies' intervals."));
        return warnings;
    }

    private static void AddNetwork(List<EvaluationWarning> warnings, NetworkHealth? network)
    {
        if (network is null)
            return;
        if (network.AnswersVary)
            warnings.Add(new(EvaluationWarningKind.AnswersVary, "The network answered the same images differently when asked twice. Switch its randomness off, or evaluate with AutoAttack.Randomized."));
        if (network.AnswersAreProbabilities)
            warnings.Add(new(EvaluationWarningKind.AnswersAreProbabilities, "The network's logits lie in [0, 1] and add up to 1. Let Logits return the scores before the softmax."));
        if (network.WithoutGradient > FewFlat)
            warnings.Add(new(
                EvaluationWarningKind.GradientsVanish,
                FormattableString.Invariant($"{network.WithoutGradient * 100:f0} % of the first batch's correctly classified images have no gradient of the cross-entropy. Quote AutoAttack or Square.")));
    }

    private static void AddEnsemble(List<EvaluationWarning> warnings, ConditionOutcome condition, int examples)
    {
        foreach (var (member, number) in condition.Members.Select((member, number) => (member, number)))
            if (!member.Attack.NeedsGradient && member.Broken > Math.Max(1, FewBroken * examples) && condition.Members.Take(number).Any(before => before.Attack.NeedsGradient))
                warnings.Add(new(
                    EvaluationWarningKind.ScoresBeatGradients,
                    $"{member.Attack} broke {member.Broken} of the {member.Met} images that the attacks along gradients before it left standing. The gradients mislead; quote the worst case."));
    }

    private static void AddPair(List<EvaluationWarning> warnings, ConditionOutcome one, ConditionOutcome other)
    {
        var (attack, rival) = (one.Attack!, other.Attack!);
        if (!attack.NeedsGradient && rival.NeedsGradient && (attack.Budget.Radius, attack.Budget.Identity.Hash) == (rival.Budget.Radius, rival.Budget.Identity.Hash) && BreaksFewer(other, one))
            warnings.Add(new(EvaluationWarningKind.ScoresBeatGradients, $"{Said(one)}, {Said(other)}. The gradients mislead; quote the worst case."));
        if (Effort(attack) > Effort(rival) && AreAlikeBut(attack, rival, [.. Efforts, "step size"]) && BreaksFewer(one, other))
            warnings.Add(new(EvaluationWarningKind.MoreStepsBreakFewer, $"{Said(one)}, {Said(other)}. Give it restarts, or take APGD; quote the worst case."));
        if (attack.Budget.GetType() == rival.Budget.GetType() && attack.Budget.Radius > rival.Budget.Radius && AreAlikeBut(attack, rival, "budget") && BreaksFewer(one, other))
            warnings.Add(new(EvaluationWarningKind.LargerBudgetBreaksFewer, $"{Said(one)}, {Said(other)}. Give it more steps or restarts, or take APGD; quote the worst case."));
    }

    /// <summary>Beyond chance: of n images that only one of the two breaks, the difference of the two shares has a standard deviation of sqrt(n) (McNemar 1947).</summary>
    private static bool BreaksFewer(ConditionOutcome one, ConditionOutcome other)
    {
        var onlyOther = one.Correct.Zip(other.Correct).Count(pair => pair.First && !pair.Second);
        var onlyOne = one.Correct.Zip(other.Correct).Count(pair => !pair.First && pair.Second);
        return onlyOther - onlyOne > 2 * Math.Sqrt(onlyOther + onlyOne);
    }

    /// <summary>Steps or queries, where an attack says how many it takes.</summary>
    private static long? Effort(Attack attack) => attack.Identity.Entries.Where(entry => Efforts.Contains(entry.Key))
        .Select(entry => long.TryParse(entry.Value, CultureInfo.InvariantCulture, out var effort) ? effort : (long?)null).FirstOrDefault();

    /// <summary>Whether two attacks differ in nothing but this.</summary>
    private static bool AreAlikeBut(Attack one, Attack other, params string[] names) => one.Identity.TextWithout(names) == other.Identity.TextWithout(names);

    private static string Said(ConditionOutcome condition) => $"{condition.Attack} left {condition.Tally.Correct} of {condition.Tally.Total} images standing";
}

namespace Microsoft.ML.Adversarial;

/// <summary>What goes wrong in adversarial training and shows in the validation of its epochs.</summary>
internal static class TrainingWarnings
{
    /// <summary>Wong et al. 2020 (section 5) watch for a sudden fall of the accuracy under PGD.</summary>
    private const double CatastrophicFall = 0.2;

    /// <summary>Beyond the noise of some thousand examples.</summary>
    private const double OverfittingLoss = 0.03;

    /// <summary>What is left of the accuracy where that is too low to fall as far.</summary>
    private const double CatastrophicShare = 0.5;

    /// <summary>Standard errors of a difference that are not taken for noise.</summary>
    private const double Certain = 3;

    /// <summary>A network that says the same of an image and of its attacked version hardly sees either, as in the first epochs: its accuracy is that of guessing.</summary>
    private const double Moved = 0.9;

    /// <summary>
    /// Whether the last epoch is a catastrophic one (Wong et al. 2020, section 5.2): a sudden fall, or, at budgets that leave little accuracy to fall from, the loss of half of the best epoch's: small networks
    /// take several epochs for it.
    /// </summary>
    public static bool IsCollapsed(IReadOnlyList<EpochMetrics> epochs) =>
        epochs is [.., var before, var after]
        && (before.RobustAccuracy - after.RobustAccuracy > CatastrophicFall
            || (epochs.SkipLast(1).Where(epoch => epoch.RobustAccuracy < Moved * epoch.CleanAccuracy).MaxBy(epoch => epoch.RobustAccuracy) is { } best && LostHalf(best.Robust, after.Robust)));

    private static bool LostHalf(Tally before, Tally after) =>
        after.Accuracy < CatastrophicShare * before.Accuracy && before.Accuracy - after.Accuracy > Certain * Math.Sqrt(before.SquaredStandardError + after.SquaredStandardError);

    /// <summary>Where the last epoch is a catastrophic one, and the one before it was none; said when it ends, since what comes after it is wasted.</summary>
    public static string? Collapse(IReadOnlyList<EpochMetrics> epochs)
    {
        if (!IsCollapsed(epochs) || IsCollapsed([.. epochs.SkipLast(1)]))
            return null;
        var (best, last) = (epochs.SkipLast(1).MaxBy(epoch => epoch.RobustAccuracy)!, epochs[^1]);
        return FormattableString.Invariant($"Catastrophic overfitting: robust accuracy fell from {best.RobustAccuracy:p1} in epoch {best.Epoch} to {last.RobustAccuracy:p1} in epoch {last.Epoch}. ")
            + $"The training attack has become too weak for the network: give it more steps or a random start, or put {nameof(GradientAlignment)} around the method.";
    }

    /// <summary>Where training takes single steps, which networks learn to answer with gradients that lead nowhere, and nobody looks with several.</summary>
    public static string? Unwatched(TrainingOptions options) => options.Method.Attack is PgdAttack { Steps: 1 } attack && options.Selection?.Attack is null or PgdAttack { Steps: 1 }
        ? $"{attack} takes a single step, against which networks come to look robust without being so (catastrophic overfitting), and {(options.Selection is null ? "there is no Selection" : $"so does the Selection's attack, {options.Selection.Attack}")}: "
            + "set a Selection with PGD of 10 steps, which notices, keeps the best epoch, and with StopsOnCatastrophicOverfitting ends the run."
        : null;

    /// <summary>What the whole run shows.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<EpochMetrics> epochs)
    {
        if (epochs.Count == 0)
            yield break;
        var (best, last) = (epochs.MaxBy(epoch => epoch.RobustAccuracy)!, epochs[^1]);
        if (best.RobustAccuracy - last.RobustAccuracy > OverfittingLoss)
            yield return FormattableString.Invariant($"Robust overfitting: robust accuracy was {best.RobustAccuracy:p1} after epoch {best.Epoch} and {last.RobustAccuracy:p1} after the last. ")
                + "Train for fewer epochs, or keep the best by RobustAccuracy.";
    }
}

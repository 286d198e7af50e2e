namespace Microsoft.ML.Adversarial;

/// <summary>What goes wrong in adversarial training and shows in the validation of its epochs.</summary>
internal static class TrainingWarnings
{
    /// <summary>Wong et al. 2020 (section 5) watch for a sudden fall of the accuracy under PGD.</summary>
    private const double CatastrophicFall = 0.2;

    /// <summary>Beyond the noise of some thousand examples.</summary>
    private const double OverfittingLoss = 0.03;

    public static IEnumerable<string> Of(IReadOnlyList<EpochMetrics> epochs)
    {
        foreach (var (before, after) in epochs.Zip(epochs.Skip(1)))
            if (before.RobustAccuracy - after.RobustAccuracy > CatastrophicFall)
                yield return FormattableString.Invariant($"Catastrophic overfitting: robust accuracy fell from {before.RobustAccuracy:p1} to {after.RobustAccuracy:p1} in epoch {after.Epoch}. ")
                    + "The training attack has become too weak for the network: give it more steps or a random start.";
        if (epochs.Count == 0)
            yield break;
        var (best, last) = (epochs.MaxBy(epoch => epoch.RobustAccuracy)!, epochs[^1]);
        if (best.RobustAccuracy - last.RobustAccuracy > OverfittingLoss)
            yield return FormattableString.Invariant($"Robust overfitting: robust accuracy was {best.RobustAccuracy:p1} after epoch {best.Epoch} and {last.RobustAccuracy:p1} after the last. ")
                + "Train for fewer epochs, or keep the best by RobustAccuracy.";
    }
}

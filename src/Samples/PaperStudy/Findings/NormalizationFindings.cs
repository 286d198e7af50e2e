using Microsoft.ML.Adversarial;
using Samples.PaperStudy.Cells;

namespace Samples.PaperStudy.Findings;

/// <summary>What other normalisations make of adversarial training.</summary>
public sealed class NormalizationFindings(StudySettings settings)
{
    private readonly int longest = settings.AttackSteps[^1];

    public IReadOnlyList<Finding> All => [MixtureRestores, GroupWithstands, ConsistentGains];

    private Finding MixtureRestores => new()
    {
        Number = 4,
        Title = "Batch normalisation apart for clean and attacked images (mixture BN) restores the robustness that the mixture costs",
        Rows =
        [
            new("mixture BN, adversarial domain", Attacked(CellName.MixtureBatch), PaperNumbers.AtLongest(PaperNumbers.MixtureBatch)),
            new("the same with logit pairing", Attacked(CellName.MixtureBatchLogitPairing), PaperNumbers.AtLongest(PaperNumbers.MixtureBatchLogitPairing)),
            Mixed,
            AttackedAlone,
            new("mixture BN, clean domain", new Condition(CellName.MixtureBatch, ImageDomain.Clean, longest), ""),
            new("mixture BN, adversarial domain", new Condition(CellName.MixtureBatch, ImageDomain.Adversarial, Steps: 0), ""),
            new("mixture BN, clean domain", Condition.Clean(CellName.MixtureBatch), PaperNumbers.Text(PaperNumbers.MixtureBatchClean)),
            new("plain training", Condition.Clean(CellName.Plain(settings.Depth)), PaperNumbers.Text(PaperNumbers.PlainClean)),
        ],
        Comparisons = [OverMixed("mixture BN in its adversarial domain", CellName.MixtureBatch, PaperNumbers.Difference(PaperNumbers.MixtureBatch, PaperNumbers.Mixed))],
    };

    private Finding GroupWithstands => new()
    {
        Number = 5,
        Title = "Group normalisation, which knows no batch, keeps its robustness with the mixture",
        Rows = [new("group normalisation, attacked and clean images", Attacked(CellName.Group), ""), Mixed],
        Comparisons = [OverMixed("group normalisation", CellName.Group, paper: null)],
        Note = "The paper says so without a number.",
    };

    private Finding ConsistentGains => new()
    {
        Number = 6,
        Title = "Training the last epochs with the running statistics, as at test time, gains robustness",
        Rows =
        [
            new($"the last {settings.ConsistentEpochs} of {settings.Epochs} epochs with running statistics", Attacked(CellName.Consistent), PaperNumbers.AtLongest(PaperNumbers.Consistent)),
            AttackedAlone,
        ],
        Comparisons =
        [
            Comparison.Of(
                $"under PGD-{longest} running statistics at the end withstand more than batch statistics to the end",
                Attacked(CellName.Consistent),
                Attacked(CellName.Adversarial),
                PaperNumbers.Difference(PaperNumbers.Consistent, PaperNumbers.Adversarial)),
        ],
    };

    private FindingRow Mixed => new("one BN, attacked and clean images", Attacked(CellName.Mixed(100)), PaperNumbers.AtLongest(PaperNumbers.Mixed));

    private FindingRow AttackedAlone => new("one BN, attacked images alone", Attacked(CellName.Adversarial), PaperNumbers.AtLongest(PaperNumbers.Adversarial));

    private Comparison OverMixed(string what, string cell, double? paper) =>
        Comparison.Of($"under PGD-{longest} {what} withstands more than one BN, both with the mixture", Attacked(cell), Attacked(CellName.Mixed(100)), paper);

    private Condition Attacked(string cell) => Condition.Attacked(cell, longest);
}

using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Paints a square into each image's best candidate and keeps it where the margin of the true class falls (Andriushchenko et al. 2020, algorithm 1).</summary>
internal sealed class SquareSearch : Search
{
    private readonly SquareAttack attack;
    private readonly SquarePainter painter;
    private readonly PerImage best, margins, candidates;
    private int query;
    private bool isProposed;

    public SquareSearch(SquareAttack attack, SearchInput input)
        : base(input)
    {
        this.attack = attack;
        painter = attack.Budget.Painter();
        (best, margins) = (Own(Images), Own(LogitMargin.Of(CleanLogits, Labels)));
        candidates = Own(Images);
    }

    public override Tensor? Candidates => query < attack.Queries && attack.Budget.Radius > 0 ? Proposed() : null;

    public override Tensor Result => best.Value;

    public override void Learn(NetworkAnswer answer)
    {
        var found = LogitMargin.Of(answer.Logits, Labels);
        // The first candidate stands for the clean image whatever it scores; a misclassified one is taken even from a tie.
        var isBetter = query == 0 ? ones_like(answer.IsMisclassified) : (found < margins.Value).logical_or(answer.IsMisclassified.logical_and(found <= margins.Value));
        best.Value = where(isBetter.view(-1, 1, 1, 1), candidates.Value, best.Value);
        margins.Value = where(isBetter, found, margins.Value);
        query++;
        isProposed = false;
    }

    /// <summary>Painted when they are asked for: images that were broken have left by then.</summary>
    private Tensor Proposed()
    {
        if (!isProposed)
            candidates.Value = query == 0
                ? painter.Start(Images, Random.For(query))
                : painter.Paint(Images, best.Value, Random.For(query), SquareSchedule.Share(attack.FirstShare, query));
        isProposed = true;
        return candidates.Value;
    }
}

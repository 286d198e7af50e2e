namespace Samples.PaperStudy.Cells;

/// <summary>What a cell costs, in passes of one image through one layer; a backward pass counts as much as a forward pass, though it takes somewhat longer.</summary>
public static class CellCost
{
    public static double OfTraining(Cell cell, StudySettings settings, int images)
    {
        // A weight update takes three passes (forward, and backward to activations and weights), a step of the attack two.
        var perImage = cell.IsPlain ? 3 : 2 * settings.Steps + 3 + 3 * cell.CleanRatio;
        return perImage * settings.Epochs * images * cell.Depth;
    }

    /// <param name="steps">Of the longest attack, which reports the others.</param>
    public static double OfMeasuring(Cell cell, int steps, long images) => (2.0 * steps + 1) * images * cell.Depth;

    public static double OfEvaluation(Cell cell, StudySettings settings, int images) =>
        OfMeasuring(cell, settings.AttackStepsOf(cell)[^1], images);

    public static double Of(Cell cell, StudySettings settings, int trainingImages, int testImages) =>
        OfTraining(cell, settings, trainingImages) + cell.Domains.Count * OfEvaluation(cell, settings, testImages);
}

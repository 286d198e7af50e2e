
namespace Microsoft.ML.Adversarial;

/// <summary>What one weight update, or several together, saw.</summary>
/// <param name="Loss">The mean loss of the images.</param>
/// <param name="Images">How many images there were.</param>
/// <param name="Clean">Classified as labelled before the update.</param>
/// <param name="Attacked">Classified as labelled in spite of the training attack.</param>
internal readonly record struct StepOutcome(double Loss, long Images, Tally Clean, Tally Attacked)
{
    public static StepOutcome operator +(StepOutcome left, StepOutcome right)
    {
        var images = left.Images + right.Images;
        return new StepOutcome(
            images == 0 ? 0 : (left.Loss * left.Images + right.Loss * right.Images) / images, images, left.Clean + right.Clean, left.Attacked + right.Attacked);
    }
}

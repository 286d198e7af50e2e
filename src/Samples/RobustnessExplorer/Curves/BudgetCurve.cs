namespace Samples.RobustnessExplorer.Curves;

/// <summary>What becomes of an image as the budget grows.</summary>
/// <param name="Model">robust or plain.</param>
/// <param name="Label">The class that is to be lost.</param>
/// <param name="SmallestBreaking">The smallest budget that was found to break the model, in grey levels; 0 where it is wrong of the clean image; null where none of them did.</param>
/// <param name="Points">One for each place of the slider, from 0 up.</param>
public sealed record BudgetCurve(string Model, int Label, double? SmallestBreaking, IReadOnlyList<BudgetPoint> Points);

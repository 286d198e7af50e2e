namespace Samples.RobustnessExplorer.Curves;

/// <summary>Accuracy against the budget, of both models on the same test images.</summary>
/// <param name="Attack">By its name.</param>
/// <param name="Examples">Test images.</param>
/// <param name="Epsilons">Grey levels, from 0 up.</param>
/// <param name="Robust">One for each.</param>
/// <param name="Plain">One for each.</param>
public sealed record AccuracyCurves(string Attack, long Examples, IReadOnlyList<double> Epsilons, IReadOnlyList<AccuracyPoint> Robust, IReadOnlyList<AccuracyPoint> Plain);

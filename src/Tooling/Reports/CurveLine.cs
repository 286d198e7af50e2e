using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>One line of a plot, or where there is one place, a point.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Style">The page's class for its colour.</param>
/// <param name="Points">From left to right, each place above 0.</param>
public sealed record CurveLine(string Name, string Style, IReadOnlyList<(double Place, AccuracyInterval Accuracy)> Points);

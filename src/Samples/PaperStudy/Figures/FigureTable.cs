using Samples.PaperStudy.Findings;
using Tooling.Figures;

namespace Samples.PaperStudy.Figures;

/// <summary>All figures of a study.</summary>
public static class FigureTable
{
    public static IReadOnlyList<Figure> All(StudySettings settings, MeasurementTable table) =>
        [AttackLengthFigure.Create(settings, table), CleanRatioFigure.Create(settings, table), DepthFigure.Create(settings, table)];
}

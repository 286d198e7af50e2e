namespace Samples.PaperStudy.Results;

/// <summary>A finished cell: what one seed gave. This is what a file in the folder <c>cells</c> holds.</summary>
public sealed record CellResult(string Cell, int Seed, CellSettings Settings, IReadOnlyList<DomainResult> Domains, double TrainingSeconds, double EvaluationSeconds);

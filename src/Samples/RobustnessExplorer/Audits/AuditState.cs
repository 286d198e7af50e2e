namespace Samples.RobustnessExplorer.Audits;

/// <param name="Outcome">waiting, running, done or failed.</param>
/// <param name="Message">For people.</param>
/// <param name="Share">Of the work, in [0, 1].</param>
public sealed record AuditState(string Outcome, string Message, double Share);

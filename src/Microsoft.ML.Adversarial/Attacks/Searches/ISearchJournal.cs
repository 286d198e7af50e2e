namespace Microsoft.ML.Adversarial;

/// <summary>Hears of every member of an attack that is done, and may know one that was done before.</summary>
internal interface ISearchJournal
{
    /// <param name="member">Which member comes.</param>
    /// <param name="verdicts">Of those before it; brought to where it left them where that is known.</param>
    /// <returns>Whether it is.</returns>
    bool Restore(int member, IReadOnlyList<Verdict> verdicts);

    /// <param name="member">Which member is done.</param>
    /// <param name="verdicts">Where it left them.</param>
    void Note(int member, IReadOnlyList<Verdict> verdicts);
}

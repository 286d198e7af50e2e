namespace Microsoft.ML.Adversarial;

/// <summary>What an evaluation has done so far.</summary>
internal interface IEvaluationState
{
    /// <returns>What was done before; null where it was not.</returns>
    /// <exception cref="InvalidDataException">It was done with other images.</exception>
    EvaluatedImages? Find(long firstRow, int condition, int member, string batch, long[] positions);

    /// <summary>Notes what is done now.</summary>
    /// <exception cref="IOException">The disk is full; what was noted before is kept.</exception>
    void Append(EvaluatedImages images);
}

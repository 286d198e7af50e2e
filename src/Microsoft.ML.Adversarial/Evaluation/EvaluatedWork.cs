namespace Microsoft.ML.Adversarial;

/// <summary>Pieces of work by what they are of.</summary>
/// <param name="source">Where they come from, for messages.</param>
internal sealed class EvaluatedWork(string source)
{
    private readonly Dictionary<(long FirstRow, int Condition, int Member), EvaluatedImages> done = [];

    public IReadOnlyCollection<EvaluatedImages> All => done.Values;

    /// <returns>Whether it is new.</returns>
    public bool Add(EvaluatedImages images) => done.TryAdd((images.FirstRow, images.Condition, images.Member), images);

    /// <inheritdoc cref="IEvaluationState.Find"/>
    public EvaluatedImages? Find(long firstRow, int condition, int member, string batch, long[] positions)
    {
        if (!done.TryGetValue((firstRow, condition, member), out var found))
            return null;
        return found.Batch == batch && found.Positions.SequenceEqual(positions)
            ? found
            : throw new InvalidDataException($"{source} is of other images: the batch that begins with row {firstRow} differs. Delete it, or evaluate the images it is of.");
    }
}

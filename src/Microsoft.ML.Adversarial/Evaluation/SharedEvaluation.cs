using System.Text.Json;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// An evaluation of several ranks: each does the batches whose turn it is, all tell each other what they found, and each then has the outcome that one alone would have, without another question to the
/// network. What ranks knew from their state files they tell at the beginning; in the end that of rank 0 has everything.
/// </summary>
internal sealed class SharedEvaluation : IEvaluationState
{
    private readonly ProcessGroup group;
    private readonly EvaluationStateFile? file;
    private readonly EvaluatedWork known = new("The work of the ranks");
    private readonly List<EvaluatedImages> untold = [];

    public SharedEvaluation(ProcessGroup group, EvaluationStateFile? file)
    {
        (this.group, this.file) = (group, file);
        foreach (var before in file?.Done ?? [])
            Note(before);
        Tell();
    }

    /// <summary>This rank's batches of all; the others are passed over.</summary>
    public IEnumerable<ImageBatch> TurnsOf(IEnumerable<ImageBatch> batches)
    {
        foreach (var (number, batch) in batches.Index())
        {
            if (number % group.Size == group.Rank)
                yield return batch;
            else
                batch.Dispose();
        }
    }

    public EvaluatedImages? Find(long firstRow, int condition, int member, string batch, long[] positions) => known.Find(firstRow, condition, member, batch, positions);

    public void Append(EvaluatedImages images)
    {
        file?.Append(images);
        Note(images);
    }

    /// <summary>All ranks know what each has found since they last told.</summary>
    public void Tell()
    {
        var told = group.Gather(JsonSerializer.SerializeToUtf8Bytes(untold, EvaluationStateFile.Json));
        untold.Clear();
        foreach (var (rank, work) in told.Index())
        {
            if (rank == group.Rank)
                continue;
            foreach (var images in JsonSerializer.Deserialize<List<EvaluatedImages>>(work, EvaluationStateFile.Json)!)
            {
                if (known.Add(images) && group.IsFirst)
                    file?.Append(images);
            }
        }
    }

    private void Note(EvaluatedImages images)
    {
        if (known.Add(images))
            untold.Add(images);
    }
}

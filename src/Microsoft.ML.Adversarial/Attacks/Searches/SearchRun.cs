using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Attacks before the images of one batch: the only loop that looks at candidates, judges them, drops what is broken and keeps the verdicts. Training, evaluation, ensembles,
/// restarts and the transform go through it. Lives in the dispose scope in which it was made.
/// </summary>
/// <param name="network">The network to fool.</param>
/// <param name="images">float32 [batch, channels, height, width] in [0, 1], clean.</param>
/// <param name="labels">int64 [batch].</param>
/// <param name="random">Streams for each image.</param>
internal sealed class SearchRun(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
{
    /// <summary>What the network says of the clean images, where that is known; float32 [batch, classes].</summary>
    public Tensor? CleanLogits { get; init; }

    /// <summary>Makes of attacked images, given the clean ones, what the model can be handed: they are judged as that. Null where all can.</summary>
    public Func<Tensor, Tensor, Tensor>? Deliver { get; init; }

    /// <summary>
    /// What searches ask in the place of the network: the same, faster and less exact. What it finds broken, and where a search ends, is asked of the network itself, whose word alone
    /// counts. Null where searches ask the network.
    /// </summary>
    public IImageClassifier? Searched { get; init; }

    /// <summary>Knows what was done before.</summary>
    public ISearchJournal? Journal { get; init; }

    /// <summary>Attacks until every image is misclassified or every start is through; an image leaves a search as soon as it is broken.</summary>
    /// <returns>For each of the attacks that this one answers for.</returns>
    public IReadOnlyList<Verdict> Meet(Attack attack)
    {
        var clean = CleanLogits ?? network.Logits(images).detach();
        Verdict[] verdicts = [.. attack.Reported.Select(reported => new Verdict(reported, images, labels, images, clean))];
        foreach (var starts in attack.Starts(network.ClassCount).GroupBy(start => start.Member))
        {
            if (Journal?.Restore(starts.Key, verdicts) == true)
                continue;
            foreach (var start in starts)
            {
                using var scope = NewDisposeScope();
                var isBroken = verdicts.Select(verdict => verdict.IsBroken).Aggregate((some, others) => some.logical_and(others));
                Follow(attack, start, verdicts, clean, Conclude, isBroken.logical_not().nonzero().flatten());
            }
            Journal?.Note(starts.Key, verdicts);
        }
        return verdicts;

        void Conclude(Search search, Tensor places)
        {
            var result = Checked(attack, search);
            foreach (var verdict in verdicts.Where(verdict => verdict.Attack.Length == attack.Length))
                Offer(verdict, search.Images, places, verdict.Attack.Budget == attack.Budget ? result : verdict.Attack.Budget.Project(result, search.Images));
        }
    }

    /// <summary>Lets every search go to its end; of several starts an image keeps the first that breaks it, else the one with the highest cross-entropy.</summary>
    /// <returns>The images, new.</returns>
    public Tensor Craft(Attack attack)
    {
        var starts = attack.Starts(network.ClassCount).ToList();
        var kept = Verdict.Undecided(attack, images, labels, network.ClassCount);
        var all = TensorArithmetic.Positions(images.shape[0], images.device);
        foreach (var start in starts)
            Follow(attack, start, [], clean: null, Conclude, starts.Count == 1 ? all : kept.Standing);
        return kept.Images;

        void Conclude(Search search, Tensor places)
        {
            var result = Checked(attack, search);
            if (starts.Count == 1)
                kept.Images.index_copy_(0, places, result);
            else
                kept.Offer(places, result, network.Logits(result).detach());
        }
    }

    /// <summary>One search from its start to its end.</summary>
    /// <param name="attack">Begins it.</param>
    /// <param name="start">Which it is.</param>
    /// <param name="verdicts">Judge every candidate; none where the search is to go to its end whatever is found.</param>
    /// <param name="clean">The logits of the clean images, where they are known.</param>
    /// <param name="conclude">Gets the search at its end, and the places of the images left in it.</param>
    /// <param name="standing">Whom it meets, int64.</param>
    private void Follow(Attack attack, SearchStart start, Verdict[] verdicts, Tensor? clean, Action<Search, Tensor> conclude, Tensor standing)
    {
        using var scope = NewDisposeScope();
        if (standing.numel() == 0)
            return;
        var streams = random.For(start.Member).For(start.Number).Select(standing);
        using var search = attack.Begin(new SearchInput(
            Searched ?? network, images.index_select(0, standing), labels.index_select(0, standing), streams, start, clean?.index_select(0, standing)));
        LeaveReached(search);
        for (var step = 0; search.Places.numel() > 0; step++)
        {
            using var look = NewDisposeScope();
            var places = standing.index_select(0, search.Places);
            if (search.Candidates is not { } candidates)
            {
                conclude(search, places);
                return;
            }
            CheckShape(attack, candidates, search.Images);
            var answer = search.Ask(Searched ?? network, candidates);
            if (Searched is not null)
                Confirm(answer, candidates, attack, search);
            foreach (var verdict in verdicts)
                Judge(verdict, search, places, candidates, answer, step);
            search.Learn(answer);
            if (verdicts.Length > 0 && !Drop(verdicts, search, places, step + 1))
                return;
        }
    }

    /// <summary>What the searched network finds broken is so where the network agrees. Outside the budget nothing is broken, and the searched network's word shows the way.</summary>
    private void Confirm(NetworkAnswer answer, Tensor candidates, Attack attack, Search search)
    {
        using var scope = NewDisposeScope();
        var suspects = answer.IsMisclassified.nonzero().flatten();
        if (suspects.numel() == 0)
            return;
        var isInside = BudgetCheck.IsInside(attack.Budget, candidates.index_select(0, suspects), search.Images.index_select(0, suspects));
        suspects = suspects.index_select(0, isInside.nonzero().flatten());
        if (suspects.numel() == 0)
            return;
        var logits = network.Logits(candidates.index_select(0, suspects)).detach();
        answer.Logits.index_copy_(0, suspects, logits);
        answer.IsMisclassified.index_copy_(0, suspects, Classification.IsMisclassified(logits, search.Labels.index_select(0, suspects)));
    }

    /// <summary>An image whose target is its own class stays as it is.</summary>
    private static void LeaveReached(Search search)
    {
        using var scope = NewDisposeScope();
        if (search.Targets?.ne(search.Labels).nonzero().flatten() is { } others && others.numel() < search.Labels.numel())
            search.Keep(others);
    }

    /// <summary>A candidate counts where it is misclassified inside the budget; where a verdict's last step is done, it is also the end of the search for it.</summary>
    private void Judge(Verdict verdict, Search search, Tensor places, Tensor candidates, NetworkAnswer answer, int step)
    {
        if (!verdict.Covers(step))
            return;
        using var scope = NewDisposeScope();
        if (step == verdict.Attack.Length)
        {
            Offer(verdict, search.Images, places, candidates, Searched is null ? answer.Logits : null);
            return;
        }
        var wrong = answer.IsMisclassified.nonzero().flatten();
        if (wrong.numel() == 0)
            return;
        var (found, clean) = (candidates.index_select(0, wrong), search.Images.index_select(0, wrong));
        var inside = BudgetCheck.IsInside(verdict.Attack.Budget, found, clean).nonzero().flatten();
        if (inside.numel() == 0)
            return;
        (found, clean, wrong) = (found.index_select(0, inside), clean.index_select(0, inside), wrong.index_select(0, inside));
        Offer(verdict, clean, places.index_select(0, wrong), found, answer.Logits.index_select(0, wrong));
    }

    /// <param name="verdict">Decides.</param>
    /// <param name="clean">The clean images.</param>
    /// <param name="places">Which they are.</param>
    /// <param name="candidates">What was made of them.</param>
    /// <param name="logits">What the network says of those; asked for where it is null, and where the model is handed others than those.</param>
    private void Offer(Verdict verdict, Tensor clean, Tensor places, Tensor candidates, Tensor? logits = null)
    {
        using var scope = NewDisposeScope();
        var delivered = Deliver?.Invoke(candidates, clean) ?? candidates;
        verdict.Offer(places, delivered, Deliver is null && logits is not null ? logits : network.Logits(delivered).detach());
    }

    /// <summary>The one place where broken images leave a search: those for which no verdict can change any more.</summary>
    /// <returns>Whether any image is left.</returns>
    private static bool Drop(Verdict[] verdicts, Search search, Tensor places, int nextStep)
    {
        var isOpen = verdicts.Where(verdict => verdict.Covers(nextStep))
            .Select(verdict => verdict.IsBroken.index_select(0, places).logical_not())
            .Aggregate((some, others) => some.logical_or(others));
        var left = isOpen.nonzero().flatten();
        if (left.numel() == places.numel())
            return true;
        search.Keep(left);
        return left.numel() > 0;
    }

    /// <exception cref="InvalidOperationException">The result is not what a search promises.</exception>
    private static Tensor Checked(Attack attack, Search search)
    {
        var (result, clean) = (search.Result, search.Images);
        CheckShape(attack, result, clean);
        BudgetCheck.Check(attack, result, clean);
        return result;
    }

    /// <exception cref="InvalidOperationException">The images are of another type or shape.</exception>
    private static void CheckShape(Attack attack, Tensor made, Tensor clean)
    {
        if (made.dtype != float32 || !made.shape.SequenceEqual(clean.shape))
            throw new InvalidOperationException(
                $"The attack {attack} made {made.dtype} [{string.Join(", ", made.shape)}] of {clean.dtype} [{string.Join(", ", clean.shape)}]; expected the same type and shape.");
    }
}

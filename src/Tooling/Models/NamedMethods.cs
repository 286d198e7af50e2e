using Microsoft.ML.Adversarial;

namespace Tooling.Models;

/// <summary>The training methods that command lines know, with their sources' options where a command line says nothing else.</summary>
public static class NamedMethods
{
    public const string Default = "pgd";

    private static readonly Dictionary<string, Func<PgdAttack, bool, TrainingMethod>> Table = new(StringComparer.Ordinal)
    {
        ["plain"] = (_, _) => new PlainTraining(),
        [Default] = (attack, alsoClean) => Adversarial(attack, alsoClean),
        ["fgsm"] = (attack, alsoClean) => Adversarial(PgdAttack.Fgsm(attack.Budget), alsoClean),
        ["fast"] = (attack, alsoClean) => Adversarial(PgdAttack.FgsmRandomStart(attack.Budget), alsoClean),
        ["fast-aligned"] = (attack, alsoClean) => new GradientAlignment(Adversarial(PgdAttack.FgsmRandomStart(attack.Budget), alsoClean)),
        ["free"] = (attack, _) => new FreeAdversarialTraining(attack.Budget) { Replays = attack.Steps },
        ["trades"] = (attack, _) => new Trades(LongAs(attack, (PgdAttack)new Trades(attack.Budget).Attack)),
        ["mart"] = (attack, _) => new Mart(LongAs(attack, (PgdAttack)new Mart(attack.Budget).Attack)),
        ["awp"] = (attack, alsoClean) => new AdversarialWeightPerturbation(Adversarial(attack, alsoClean)),
        ["trades-awp"] = (attack, _) => new AdversarialWeightPerturbation(new Trades(LongAs(attack, (PgdAttack)new Trades(attack.Budget).Attack))) { Share = 0.005 },
    };

    public static IReadOnlyList<string> Names => [.. Table.Keys];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="attack">Budget and steps; of <c>free</c>, the replays.</param>
    /// <param name="alsoClean">Whether every image enters clean as well.</param>
    /// <param name="option">That names the method, for the message.</param>
    /// <exception cref="ArgumentException">There is no such method, or it shows the network no clean images.</exception>
    public static TrainingMethod Create(string name, PgdAttack attack, bool alsoClean, string option)
    {
        if (!Table.TryGetValue(name, out var create))
            throw new ArgumentException($"{option} is '{name}'; expected one of {string.Join(", ", Names)}.");
        var method = create(attack, alsoClean);
        return alsoClean && method.Domains.Count < 2
            ? throw new ArgumentException($"{option} is '{name}', which trains on {method.Domains[0]} images alone, and every image is to enter clean and attacked; expected one of the others.")
            : method;
    }

    private static AdversarialTraining Adversarial(PgdAttack attack, bool alsoClean) => new(attack) { CleanRatio = alsoClean ? 1 : 0 };

    /// <summary>A source's own attack with another number of steps, which go as far together.</summary>
    private static PgdAttack LongAs(PgdAttack asked, PgdAttack own) => own with { Steps = asked.Steps, StepSize = StepSize.OfRadius(2.5 / asked.Steps) };
}

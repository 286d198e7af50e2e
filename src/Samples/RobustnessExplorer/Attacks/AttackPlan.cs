using System.Globalization;
using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Attacks;

/// <summary>The attack that a visitor asks for, within bounds.</summary>
/// <param name="Attack">The library's own.</param>
/// <param name="Looks">How often it looks at the network, about.</param>
/// <param name="CountsGreyLevels">Whether the budget is one of grey levels for every pixel, rather than a distance of the whole image.</param>
public sealed record AttackPlan(Attack Attack, int Looks, bool CountsGreyLevels)
{
    private const int MostSteps = 100, MostQueries = 1000;

    private const double MostGreyLevels = 64, MostDistance = 10;

    /// <param name="query"><c>attack</c> (fgsm, pgd, apgd, square), <c>norm</c> (linf, l2), <c>epsilon</c> in grey levels or as a distance, <c>steps</c>, <c>target</c>.</param>
    /// <param name="classCount">Classes there are.</param>
    /// <exception cref="RefusedException">A part is missing, out of its range, or means nothing to the attack.</exception>
    public static AttackPlan Of(IQueryCollection query, int classCount)
    {
        var name = Text(query, "attack", "pgd");
        var countsGreyLevels = CountsLevels(query);
        var budget = countsGreyLevels ? Budget.LInf(Epsilon(query, 12, 0.5, MostGreyLevels)) : Budget.L2(Epsilon(query, 1, 0, MostDistance));
        var target = Number(query, "target", 0, classCount - 1);
        var goal = target is { } index ? AttackGoal.Target(index) : AttackGoal.Untargeted;
        var steps = Number(query, "steps", 1, name == "square" ? MostQueries : MostSteps);
        return name switch
        {
            "fgsm" when steps is not null => throw RefusedException.Malformed("steps is given, and FGSM has one; expected none."),
            "fgsm" => new AttackPlan(PgdAttack.Fgsm(budget) with { Goal = goal }, 1, countsGreyLevels),
            "pgd" => new AttackPlan(new PgdAttack(budget) { Steps = steps ?? 20, Goal = goal }, steps ?? 20, countsGreyLevels),
            "apgd" => new AttackPlan(new ApgdAttack(budget) { Steps = steps ?? 20, Restarts = 1, Goal = goal }, steps ?? 20, countsGreyLevels),
            "square" when target is not null => throw RefusedException.Malformed("target is given, and Square knows no target; expected none."),
            "square" => new AttackPlan(new SquareAttack(budget) { Queries = steps ?? 500 }, steps ?? 500, countsGreyLevels),
            _ => throw RefusedException.Malformed($"attack is '{name}'; expected fgsm, pgd, apgd or square."),
        };
    }

    private static bool CountsLevels(IQueryCollection query) => Text(query, "norm", "linf") switch
    {
        "linf" => true,
        "l2" => false,
        var norm => throw RefusedException.Malformed($"norm is '{norm}'; expected linf or l2."),
    };

    /// <summary>0, which changes nothing, or a number in a range.</summary>
    private static double Epsilon(IQueryCollection query, double usual, double least, double most)
    {
        var text = Text(query, "epsilon", "");
        if (text.Length == 0)
            return usual;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var epsilon) && (epsilon == 0 || epsilon >= least) && epsilon <= most
            ? epsilon
            : throw RefusedException.Malformed(string.Create(CultureInfo.InvariantCulture, $"epsilon is '{text}'; expected 0, or a number from {least} to {most}."));
    }

    private static int? Number(IQueryCollection query, string name, int least, int most)
    {
        var text = Text(query, name, "");
        if (text.Length == 0)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw RefusedException.Malformed($"{name} is '{text}'; expected a whole number from {least} to {most}.");
    }

    private static string Text(IQueryCollection query, string name, string usual) => query[name].ToString() is { Length: > 0 } text ? text : usual;
}

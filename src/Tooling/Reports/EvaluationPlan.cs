using System.Globalization;
using System.Text;
using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>What is measured of a model: the attack that counts, and around it the curves that tell whether to trust it.</summary>
public sealed record EvaluationPlan
{
    private static readonly double[] CurveShares = [0.25, 0.5, 1, 1.5, 2];

    private static readonly int[] CurveSteps = [1, 2, 5, 10, 20, 50];

    /// <summary>Its file.</summary>
    public required string Model { get; init; }

    /// <summary>The folder of the test images; null for the embedded letters.</summary>
    public string? Images { get; init; }

    public required string AttackName { get; init; }

    /// <summary>Grey levels of 0..255.</summary>
    public required double Epsilon { get; init; }

    /// <summary>How many images; null for all.</summary>
    public int? Limit { get; init; }

    public int Seed { get; init; }

    public Precision SearchPrecision { get; init; }

    /// <exception cref="ArgumentException">There is no attack of that name.</exception>
    public Attack Attack => AttackName switch
    {
        "pgd" => new PgdAttack(Budget.LInf(Epsilon)) { Steps = 50 },
        "autoattack" => AutoAttack.Standard(Budget.LInf(Epsilon)),
        "square" => new SquareAttack(Budget.LInf(Epsilon)),
        _ => throw new ArgumentException($"--attack is '{AttackName}'; expected pgd, autoattack or square."),
    };

    /// <summary>PGD-20 from small budgets to twice the asked one.</summary>
    public IReadOnlyList<PgdAttack> EpsilonCurve => [.. CurveShares.Select(share => Epsilon * share).Where(levels => levels is >= 0.5 and <= 255).Select(levels => new PgdAttack(Budget.LInf(levels)) { Steps = 20 })];

    /// <summary>PGD at the asked budget with more and more steps.</summary>
    public IReadOnlyList<PgdAttack> StepsCurve => [.. CurveSteps.Select(steps => new PgdAttack(Budget.LInf(Epsilon)) { Steps = steps })];

    /// <summary>Both curves' attacks, each once.</summary>
    public IReadOnlyList<PgdAttack> Curves => [.. EpsilonCurve.Union(StepsCurve)];

    /// <summary>How the tool measures the same again.</summary>
    public string Command
    {
        get
        {
            var options = new StringBuilder("adversarial evaluate --model ").Append(Quoted(Model));
            if (Images is { } images)
                options.Append(" --images ").Append(Quoted(images));
            options.Append(CultureInfo.InvariantCulture, $" --attack {AttackName} --epsilon {Epsilon}");
            if (Limit is { } limit)
                options.Append(CultureInfo.InvariantCulture, $" --limit {limit}");
            if (SearchPrecision != Precision.Single)
                options.Append(CultureInfo.InvariantCulture, $" --search-precision {SearchPrecision}");
            return options.Append(CultureInfo.InvariantCulture, $" --seed {Seed}").ToString();
        }
    }

    /// <summary>As a shell takes it for one word.</summary>
    private static string Quoted(string path) =>
        path.All(letter => char.IsLetterOrDigit(letter) || "/\\:._-+".Contains(letter, StringComparison.Ordinal)) ? path : $"\"{path.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

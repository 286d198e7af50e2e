using Microsoft.ML.Adversarial;
using Tooling.Models;

namespace Samples.PaperStudy.Methods;

/// <summary>The scale of a comparison of training methods: the same images, network and time for each.</summary>
public sealed record MethodStudySettings
{
    /// <summary>Images, network, batches, rate and attack; epochs follow from the time.</summary>
    public required StudySettings Scale { get; init; }

    /// <summary>What each method may train for, with each seed.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Names that <see cref="NamedMethods"/> knows.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>What every method is measured under.</summary>
    public IReadOnlyList<Attack> Attacks => [new PgdAttack(Scale.TrainingAttack.Budget) { Steps = 50 }, AutoAttack.Standard(Scale.TrainingAttack.Budget)];

    /// <summary>Measures each epoch on training images set apart, which is part of the time; the best one's weights are kept.</summary>
    public static double ValidationFraction => 0.05;

    public ModelSelection Selection => new(new PgdAttack(Scale.TrainingAttack.Budget));

    public TrainingMethod Create(string name) => NamedMethods.Create(name, new PgdAttack(Scale.TrainingAttack.Budget) { Steps = Scale.Steps }, alsoClean: false, "--methods");

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Check()
    {
        Scale.Check();
        if (Time <= TimeSpan.Zero)
            throw new ArgumentException(FormattableString.Invariant($"--minutes is {Time.TotalMinutes}; expected a number above 0."));
        foreach (var name in Methods)
            Create(name);
    }
}

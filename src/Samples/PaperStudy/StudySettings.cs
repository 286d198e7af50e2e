using Microsoft.ML.Adversarial;
using Samples.PaperStudy.Cells;
using Tooling.CommandLine;

namespace Samples.PaperStudy;

/// <summary>The scale of a study: which images, networks and attacks. The numbers given here are the program's defaults.</summary>
public sealed record StudySettings
{
    public static StudySettings Default { get; } = new();

    /// <summary>Every kind of cell within minutes on the embedded letters: it shows that all of it runs, its numbers are noisy.</summary>
    public static StudySettings Quick { get; } = Default with
    {
        Seeds = [1],
        Limit = 100,
        TestLimit = 200,
        Depth = 8,
        Width = 8,
        Depths = [8, 14],
        Epochs = 6,
        Steps = 3,
        AttackSteps = [3, 10, 30],
        BatchSize = 20,
    };

    /// <summary>Null for the embedded letters.</summary>
    public string? Images { get; init; }

    public string? TestImages { get; init; }

    public string Output { get; init; } = "study";

    public IReadOnlyList<int> Seeds { get; init; } = [1, 2];

    /// <summary>Names of cells, or beginnings of names with a <c>*</c>; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Training images of each class; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Test images in all; null for all.</summary>
    public int? TestLimit { get; init; }

    /// <summary>Mirrored letters are other letters.</summary>
    public bool MirrorsImages { get; init; }

    /// <summary>The network of every cell but those about depth.</summary>
    public int Depth { get; init; } = 14;

    public int Width { get; init; } = 16;

    public IReadOnlyList<int> Depths { get; init; } = [8, 14, 20, 32];

    public int Epochs { get; init; } = 12;

    /// <summary>The paper trains 10 of its 110 epochs so.</summary>
    public int ConsistentEpochs { get; init; } = 1;

    /// <summary>Grey levels.</summary>
    public double Epsilon { get; init; } = 8;

    /// <summary>Of the attack in training.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Of the attacks in the evaluation, rising.</summary>
    public IReadOnlyList<int> AttackSteps { get; init; } = [10, 50, 200];

    public int BatchSize { get; init; } = 100;

    public double LearningRate { get; init; } = 0.2;

    /// <summary>In training and in the evaluation, as in the paper.</summary>
    public AttackGoal Goal { get; init; } = AttackGoal.RandomTarget;

    /// <summary>The paper's training attack starts a fifth of its batches from the clean image (Xie &amp; Yuille 2020, section 3.1).</summary>
    public PgdAttack TrainingAttack => new(Budget.LInf(Epsilon)) { Steps = Steps, Goal = Goal };

    public static LearningRateSchedule Schedule { get; } = ImageClassificationRecipes.Quick.Schedule;

    public Augmentation Augmentation => new() { HorizontalFlip = MirrorsImages, CropPadding = Images is null ? 2 : 4 };

    /// <summary>What was never attacked in training meets the shortest attack only: nothing is left of it after that.</summary>
    public IReadOnlyList<int> AttackStepsOf(Cell cell) => cell.IsPlain ? [AttackSteps[0]] : AttackSteps;

    /// <summary>One run that reports at every number of steps, with the step size of the shortest (Xie &amp; Yuille 2020, section 3.1).</summary>
    public PgdAttack EvaluationAttackOf(Cell cell)
    {
        var steps = AttackStepsOf(cell);
        return new PgdAttack(Budget.LInf(Epsilon))
        {
            Steps = steps[^1],
            ReportAt = [.. steps.Take(steps.Count - 1)],
            StepSize = StepSize.GreyLevels(Math.Max(1, Epsilon / steps[0])),
            Goal = Goal,
        };
    }

    /// <exception cref="ArgumentException">An option of this program is out of its range; a trial of each cell checks the others.</exception>
    public void Check()
    {
        OptionCheck.GreyLevels(Epsilon, "--epsilon");
        OptionCheck.AtLeast(1, Limit, "--limit", "image of each class");
        OptionCheck.AtLeast(1, TestLimit, "--test-limit", "image");
        OptionCheck.AtLeast(1, Width, "--width", "channel");
        OptionCheck.AtLeast(1, Epochs, "--epochs", "epoch");
        OptionCheck.AtLeast(1, Steps, "--steps", "step");
        OptionCheck.AtLeast(1, AttackSteps[0], "--attack-steps", "step");
        OptionCheck.AtLeast(1, BatchSize, "--batch-size", "image");
        if (!(LearningRate > 0))
            throw new ArgumentException(FormattableString.Invariant($"--learning-rate is {LearningRate}; expected a number above 0."));
        if (ConsistentEpochs < 1 || ConsistentEpochs > Epochs)
            throw new ArgumentException($"--consistent-epochs is {ConsistentEpochs}; expected from 1 to the {Epochs} of --epochs.");
    }
}

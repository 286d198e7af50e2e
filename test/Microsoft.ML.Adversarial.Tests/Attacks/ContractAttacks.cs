
namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>The attacks of which every promise is tested, by name.</summary>
public static class ContractAttacks
{
    /// <summary>Images that they are let loose on.</summary>
    public const int Count = 6;

    public static IReadOnlyDictionary<string, Attack> All { get; } = new Dictionary<string, Attack>
    {
        ["FGSM"] = PgdAttack.Fgsm(Budget.LInf(8)),
        ["FGSM L2"] = PgdAttack.Fgsm(Budget.L2(0.5)),
        ["PGD L-inf"] = new PgdAttack(Budget.LInf(8)) { Steps = 5 },
        ["PGD L2"] = new PgdAttack(Budget.L2(0.5)) { Steps = 5 },
        ["PGD with restarts"] = new PgdAttack(Budget.LInf(4)) { Steps = 4, Restarts = 3 },
        ["PGD with clean start"] = new PgdAttack(Budget.LInf(8)) { Steps = 5, Start = AttackStart.Clean },
        ["PGD on the divergence from noise"] = new PgdAttack(Budget.LInf(8)) { Steps = 5, Loss = AttackLoss.Divergence, Start = AttackStart.Noise(0.001) },
        ["PGD on a ratio"] = new PgdAttack(Budget.LInf(8)) { Steps = 5, Loss = AttackLoss.DifferenceOfLogitsRatio },
        ["PGD with a step size"] = new PgdAttack(Budget.LInf(8)) { Steps = 5, StepSize = StepSize.GreyLevels(2) },
        ["random target"] = new PgdAttack(Budget.LInf(8)) { Steps = 5, Goal = AttackGoal.RandomTarget },
        ["random target with restarts"] = new PgdAttack(Budget.L2(0.5)) { Steps = 5, Goal = AttackGoal.RandomTarget, Restarts = 3 },
        ["least likely target"] = new PgdAttack(Budget.LInf(8)) { Steps = 5, Goal = AttackGoal.LeastLikely },
        ["fixed target"] = new PgdAttack(Budget.LInf(8)) { Steps = 5, Goal = AttackGoal.Target(1) },
        ["APGD-CE"] = new ApgdAttack(Budget.LInf(8)) { Steps = 10 },
        ["APGD-CE L2"] = new ApgdAttack(Budget.L2(0.5)) { Steps = 10 },
        ["APGD-DLR"] = new ApgdAttack(Budget.LInf(8)) { Steps = 10, Loss = AttackLoss.DifferenceOfLogitsRatio },
        ["APGD-T"] = new ApgdAttack(Budget.LInf(8)) { Steps = 10, Loss = AttackLoss.DifferenceOfLogitsRatio, Goal = AttackGoal.LikeliestTargets() },
        ["APGD with restarts and samples"] = new ApgdAttack(Budget.L2(0.5)) { Steps = 5, Restarts = 2, GradientSamples = 2 },
        ["FAB-T"] = new FabAttack(Budget.LInf(8)) { Steps = 10 },
        ["FAB-T L2 with restarts"] = new FabAttack(Budget.L2(0.5)) { Steps = 5, Restarts = 2 },
        ["FAB"] = new FabAttack(Budget.LInf(8)) { Steps = 10, Goal = AttackGoal.Untargeted },
        ["Square"] = new SquareAttack(Budget.LInf(8)) { Queries = 20 },
        ["Square L2"] = new SquareAttack(Budget.L2(0.5)) { Queries = 20 },
        ["an ensemble"] = new AttackEnsemble("PGD and Square", Budget.LInf(8), [new PgdAttack(Budget.LInf(8)) { Steps = 2 }, new SquareAttack(Budget.LInf(8)) { Queries = 10 }]),
        ["a user's own"] = new UniformShiftAttack(Budget.LInf(8)),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static TheoryData<string, string> WithNetworks
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var attack in All.Keys)
                foreach (var network in AttackedNetworks.Names)
                    data.Add(attack, network);
            return data;
        }
    }
}

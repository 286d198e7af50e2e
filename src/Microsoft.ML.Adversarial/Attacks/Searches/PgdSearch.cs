using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Steps along the gradient, each projected onto the budget.</summary>
internal sealed class PgdSearch : Search
{
    private readonly PgdAttack attack;
    private readonly double stepSize;
    private readonly PerImage current;
    private readonly PerImage? targets;
    private int step;

    public PgdSearch(PgdAttack attack, SearchInput input)
        : base(input)
    {
        this.attack = attack;
        stepSize = attack.StepSize?.Within(attack.Budget) ?? attack.Budget.DefaultStepSize(attack.Steps);
        targets = attack.Goal.ChooseTargets(input) is { } chosen ? Own(chosen) : null;
        current = Own(attack.Start.Of(Images, attack.Budget, Random));
    }

    public override Tensor? Candidates => step < attack.Steps ? current.Value : null;

    public override AttackLoss? Loss => attack.Loss;

    public override Tensor? Targets => targets?.Value;

    public override Tensor Result => current.Value;

    public override void Learn(NetworkAnswer answer)
    {
        step++;
        current.Value = attack.Budget.Project(current.Value.PlusScaled(attack.Budget.SteepestDirection(answer.Gradient!), stepSize), Images);
    }
}

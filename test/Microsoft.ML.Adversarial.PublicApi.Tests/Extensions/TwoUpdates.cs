namespace Microsoft.ML.Adversarial.PublicApi.Tests.Extensions;

/// <summary>Two updates a batch: one on clean images, then one on images attacked with the weights that this has left.</summary>
public sealed record TwoUpdates(Attack Crafting) : TrainingMethod
{
    public override Attack Attack => Crafting;

    protected override void Step(UpdateContext step)
    {
        step.Update(network => CrossEntropy(network.Logits(step.Images, ImageDomain.Clean), step.Labels));
        var attacked = step.Craft(Crafting);
        step.Update(network => CrossEntropy(network.Logits(attacked, ImageDomain.Adversarial), step.Labels));
    }

    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("attack", Crafting);
    }
}

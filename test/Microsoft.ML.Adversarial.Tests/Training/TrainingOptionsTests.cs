
namespace Microsoft.ML.Adversarial.Tests.Training;

public class TrainingOptionsTests
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(8));

    private static readonly AdversarialTraining Attacked = new(Pgd), Mixed = new AdversarialTraining(Pgd) with { CleanRatio = 0.1 };

    [Fact]
    public void A_method_says_whose_images_it_shows_the_network()
    {
        Assert.Equal([ImageDomain.Clean], new PlainTraining().Domains);
        Assert.Equal([ImageDomain.Adversarial], Attacked.Domains);
        Assert.Equal([ImageDomain.Clean, ImageDomain.Adversarial], Mixed.Domains);
        Assert.Equal([ImageDomain.Clean, ImageDomain.Adversarial], new ScriptedLoss().Domains);
    }

    [Fact]
    public void A_model_is_used_in_the_adversarial_domain_where_that_is_trained_unless_the_options_say_otherwise()
    {
        Assert.Equal(ImageDomain.Clean, Resolved(new PlainTraining()));
        Assert.Equal(ImageDomain.Adversarial, Resolved(Attacked));
        Assert.Equal(ImageDomain.Adversarial, Resolved(Mixed));
        Assert.Equal(ImageDomain.Clean, Resolved(Mixed, ImageDomain.Clean));
        Assert.Equal(ImageDomain.Adversarial, Resolved(Mixed, ImageDomain.Adversarial));

        static ImageDomain Resolved(TrainingMethod method, ImageDomain? domain = null) =>
            new TrainingOptions { Method = method, InferenceDomain = domain, Normalization = Normalization.MixtureBatch }.ResolvedInferenceDomain;
    }

    [Fact]
    public void A_domain_that_the_method_does_not_train_is_refused_where_domains_are_kept_apart()
    {
        var mixture = new TrainingOptions { Normalization = Normalization.MixtureBatch };

        Assert.Equal(
            "InferenceDomain is Adversarial, which PlainTraining does not train; expected Clean, or a method whose CleanRatio is above 0.",
            Assert.Throws<ArgumentException>((mixture with { Method = new PlainTraining(), InferenceDomain = ImageDomain.Adversarial }).Check).Message);
        Assert.StartsWith(
            "InferenceDomain is Clean, which AdversarialTraining does not train; expected Adversarial,",
            Assert.Throws<ArgumentException>((mixture with { Method = Attacked, InferenceDomain = ImageDomain.Clean }).Check).Message, StringComparison.Ordinal);
        (mixture with { Method = Mixed, InferenceDomain = ImageDomain.Clean }).Check();
        (mixture with { Method = Mixed, InferenceDomain = ImageDomain.Clean, Normalization = Normalization.Batch }).Check();
        (mixture with { Method = Attacked, InferenceDomain = ImageDomain.Clean, Normalization = Normalization.Group }).Check();
    }

    [Fact]
    public void An_update_is_not_checkpointed_and_crafting_uses_running_statistics_by_default()
    {
        Assert.False(new TrainingOptions().ActivationCheckpointing);
        Assert.Equal(CraftingStatistics.Running, new TrainingOptions().CraftingStatistics);
        Assert.Equal(Normalization.Batch, new TrainingOptions().Normalization);
    }

    [Fact]
    public void Values_that_no_name_stands_for_are_refused_where_they_are_set()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptions { CraftingStatistics = (CraftingStatistics)7 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptions { InferenceDomain = (ImageDomain)7 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptions { ConsistentEpochs = -1 });
        Assert.Throws<ArgumentNullException>(() => new TrainingOptions { Normalization = null! });
    }
}

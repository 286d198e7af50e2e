
namespace Microsoft.ML.Adversarial.Tests.Components;

public class ImageClassificationRecipesTests
{
    private static readonly Dictionary<string, (ImageClassificationOptions Options, ImageShape Image)> Recipes = new()
    {
        [nameof(ImageClassificationRecipes.ImageNetAdversarial)] = (ImageClassificationRecipes.ImageNetAdversarial, new ImageShape(3, 224, 224)),
        [nameof(ImageClassificationRecipes.AdvProp)] = (ImageClassificationRecipes.AdvProp, new ImageShape(3, 224, 224)),
        [nameof(ImageClassificationRecipes.Cifar10Adversarial)] = (ImageClassificationRecipes.Cifar10Adversarial, new ImageShape(3, 32, 32)),
        [nameof(ImageClassificationRecipes.Quick)] = (ImageClassificationRecipes.Quick, new ImageShape(1, 32, 32)),
    };

    public static TheoryData<string> Names => [.. Recipes.Keys];

    [Fact]
    public void Every_recipe_is_tested()
    {
        Assert.Equal(typeof(ImageClassificationRecipes).GetProperties().Select(property => property.Name).Order(), Recipes.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_options_fit_each_other_and_its_images(string name)
    {
        var (options, image) = Recipes[name];

        options.Check();
        options.Augmentation.Check();
        var plan = ResNetTable.Plan((ResNet)options.Backbone, image);

        Assert.Equal(image.Width > 64, plan.HasLargeStem);
        Assert.Equal(options, options with { });
        Assert.Equal(options.Objective, (options with { Epochs = options.Epochs + 1 }).Objective);
    }

    [Fact]
    public void The_ImageNet_recipe_has_the_papers_attack_rates_and_epochs()
    {
        var options = ImageClassificationRecipes.ImageNetAdversarial;

        var attack = Assert.IsType<PgdAttack>(options.Objective.Attack);
        Assert.Equal((16 / 255.0, 30, AttackGoal.RandomTarget), (attack.Budget.Radius, attack.Steps, attack.Goal));
        Assert.Equal((0.1, 110, 10, 1e-4), (options.Objective.LabelSmoothing, options.Epochs, options.ConsistentEpochs, options.WeightDecay));
        // Warm-up over 5 epochs, a tenth from 35, 70 and 95 on.
        Assert.Equal([0.5, 1, 0.1, 0.01, 0.001], new[] { 2.5, 34.9, 35, 70, 95 }.Select(epoch => options.Schedule.FactorAt(epoch, 110)).Select(factor => Math.Round(factor, 9)));
    }

    [Fact]
    public void AdvProp_trains_both_domains_and_is_used_in_the_clean_one()
    {
        var options = ImageClassificationRecipes.AdvProp;

        Assert.Equal(ImageDomain.Clean, options.ResolvedInferenceDomain);
        Assert.Equal(1, Assert.IsType<AdversarialTraining>(options.Objective).CleanRatio);
        Assert.Equal(Normalization.MixtureBatch, options.Normalization);
    }
}

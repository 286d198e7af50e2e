
namespace Microsoft.ML.Adversarial.Tests.Components;

public class ImageClassificationRecipesTests
{
    private static readonly Dictionary<string, (ImageClassificationOptions Options, ImageShape Image)> Recipes = new()
    {
        [nameof(ImageClassificationRecipes.ImageNetAdversarial)] = (ImageClassificationRecipes.ImageNetAdversarial, new ImageShape(3, 224, 224)),
        [nameof(ImageClassificationRecipes.AdvProp)] = (ImageClassificationRecipes.AdvProp, new ImageShape(3, 224, 224)),
        [nameof(ImageClassificationRecipes.Cifar10Adversarial)] = (ImageClassificationRecipes.Cifar10Adversarial, new ImageShape(3, 32, 32)),
        [nameof(ImageClassificationRecipes.Cifar10Trades)] = (ImageClassificationRecipes.Cifar10Trades, new ImageShape(3, 32, 32)),
        [nameof(ImageClassificationRecipes.Cifar10TradesWeightPerturbation)] = (ImageClassificationRecipes.Cifar10TradesWeightPerturbation, new ImageShape(3, 32, 32)),
        [nameof(ImageClassificationRecipes.Cifar10Mart)] = (ImageClassificationRecipes.Cifar10Mart, new ImageShape(3, 32, 32)),
        [nameof(ImageClassificationRecipes.Cifar10Free)] = (ImageClassificationRecipes.Cifar10Free, new ImageShape(3, 32, 32)),
        [nameof(ImageClassificationRecipes.Cifar10Fast)] = (ImageClassificationRecipes.Cifar10Fast, new ImageShape(3, 32, 32)),
        [nameof(ImageClassificationRecipes.Cifar10GradientAlignment)] = (ImageClassificationRecipes.Cifar10GradientAlignment, new ImageShape(3, 32, 32)),
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
        using var network = new ImageNetwork(
            new NetworkArchitecture { Backbone = options.Backbone, Normalization = options.Normalization, Pixels = options.PixelNormalization, Image = image, ClassCount = 10 }, TorchSharp.torch.META);
        Assert.Equal(options, options with { });
        Assert.Equal(options.Method, (options with { Epochs = options.Epochs + 1 }).Method);
    }

    [Fact]
    public void The_ImageNet_recipe_has_the_papers_attack_rates_and_epochs()
    {
        var options = ImageClassificationRecipes.ImageNetAdversarial;

        var method = Assert.IsType<AdversarialTraining>(options.Method);
        var attack = Assert.IsType<PgdAttack>(method.Attack);
        Assert.Equal((16 / 255.0, 30, 0.2, AttackGoal.RandomTarget), (attack.Budget.Radius, attack.Steps, method.CleanStartProbability, attack.Goal));
        Assert.Equal((0.1, 110, 10, 1e-4), (options.Method.LabelSmoothing, options.Epochs, options.ConsistentEpochs, options.WeightDecay));
        // Warm-up over 5 epochs, a tenth from 35, 70 and 95 on.
        Assert.Equal([0.5, 1, 0.1, 0.01, 0.001], new[] { 2.5, 34.9, 35, 70, 95 }.Select(epoch => options.Schedule.FactorAt(epoch, 110)).Select(factor => Math.Round(factor, 9)));
    }

    [Fact]
    public void The_methods_of_the_CIFAR_recipes_are_those_of_their_sources()
    {
        Assert.Equal("TRADES against PGD-10 (L-inf 8/255, untargeted, divergence, step size 0.25 of the radius, start with noise of 0.001), beta 6, label smoothing 0", $"{ImageClassificationRecipes.Cifar10Trades.Method}");
        Assert.Equal(
            "TRADES against PGD-10 (L-inf 8/255, untargeted, divergence, step size 2/255, start with noise of 0.001), beta 6, label smoothing 0, weights perturbed by 0.005 from epoch 10 on",
            $"{ImageClassificationRecipes.Cifar10TradesWeightPerturbation.Method}");
        Assert.Equal("free adversarial training within L-inf 8/255, 8 replays, label smoothing 0", $"{ImageClassificationRecipes.Cifar10Free.Method}");
        Assert.StartsWith("adversarial training against PGD-1 (L-inf 8/255, untargeted, step size 1.25 of the radius)", $"{ImageClassificationRecipes.Cifar10Fast.Method}", StringComparison.Ordinal);
        Assert.StartsWith("adversarial training against FGSM (L-inf 8/255, untargeted)", $"{ImageClassificationRecipes.Cifar10GradientAlignment.Method}", StringComparison.Ordinal);
        Assert.EndsWith(", gradients aligned by the budget's weight", $"{ImageClassificationRecipes.Cifar10GradientAlignment.Method}", StringComparison.Ordinal);
        // Up for two fifths of the run, down for the rest.
        Assert.Equal([0.5, 1, 0.5], new[] { 6.0, 12, 21 }.Select(epoch => ImageClassificationRecipes.Cifar10GradientAlignment.Schedule.FactorAt(epoch, 30)).Select(factor => Math.Round(factor, 9)));
    }

    [Fact]
    public void AdvProp_trains_both_domains_and_is_used_in_the_clean_one()
    {
        var options = ImageClassificationRecipes.AdvProp;

        Assert.Equal(ImageDomain.Clean, options.ResolvedInferenceDomain);
        Assert.Equal(1, Assert.IsType<AdversarialTraining>(options.Method).CleanRatio);
        Assert.Equal(Normalization.MixtureBatch, options.Normalization);
    }
}


namespace Microsoft.ML.Adversarial;

/// <summary>Options that belong together, each set with its source. A set never changes; <c>recipe with { Epochs = 10 }</c> makes another that keeps the rest.</summary>
/// <example>
/// <code>
/// var attack = new PgdAttack(Budget.LInf(12)) { Steps = 3 };
/// var pipeline = preparation.Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
/// {
///     Normalization = Normalization.MixtureBatch,
///     Method = new AdversarialTraining(attack) { CleanRatio = 1 },
///     ConsistentEpochs = 2,
/// }));
/// </code>
/// </example>
public static class ImageClassificationRecipes
{
    /// <summary>
    /// Adversarial training on ImageNet (Xie &amp; Yuille 2020, sections 3.1, 4.2 and 5): ResNet-152 on images of 224 x 224, attacked images alone, targeted PGD
    /// of 30 steps within 16/255, consistent batch normalisation in the last epochs.
    /// </summary>
    /// <remarks>
    /// The paper spreads batches of 4096 over 128 GPUs at a rate of 1.6; here a batch of 256 at the same rate for each image, 0.1. The number of consistent epochs,
    /// 10 of 110, is ours. For the mixture of section 4.1 set <c>Normalization = Normalization.MixtureBatch</c> and the method's <c>CleanRatio = 1</c>; for section 5 raise
    /// the depth up to 638.
    /// </remarks>
    public static ImageClassificationOptions ImageNetAdversarial { get; } = ImageNet with
    {
        Backbone = new ResNet(152) { Family = NetworkFamily.FourStage },
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(16)) { Steps = 30, Goal = AttackGoal.RandomTarget })
        {
            CleanStartProbability = 0.2,
            LabelSmoothing = 0.1,
        },
        ConsistentEpochs = 10,
    };

    /// <summary>
    /// AdvProp (Xie et al. 2020, arXiv:1911.09665, sections 4 and 5.1): clean accuracy gained from weak attacks. Mixture batch normalisation, each image clean and attacked, PGD of 5
    /// steps of 1/255 within 4/255, used in the clean domain.
    /// </summary>
    /// <remarks>The method is the source's; its networks are EfficientNets. Network and descent are here those of <see cref="ImageNetAdversarial"/>, with ResNet-50.</remarks>
    public static ImageClassificationOptions AdvProp { get; } = ImageNet with
    {
        Backbone = new ResNet(50) { Family = NetworkFamily.FourStage },
        Normalization = Normalization.MixtureBatch,
        InferenceDomain = ImageDomain.Clean,
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(4)) { Steps = 5, StepSize = StepSize.GreyLevels(1) }) { CleanRatio = 1 },
    };

    /// <summary>
    /// Adversarial training on CIFAR-10 (Pang et al. 2021, arXiv:2010.00467, section 3): ResNet-18, PGD of 10 steps of 2/255 within 8/255 crafted with running
    /// statistics, 110 epochs with rates falling at 100 and 105.
    /// </summary>
    public static ImageClassificationOptions Cifar10Adversarial { get; } = new()
    {
        Backbone = new ResNet(18) { Family = NetworkFamily.FourStage },
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 10, StepSize = StepSize.GreyLevels(2) }),
        Epochs = 110,
        BatchSize = 128,
        LearningRate = 0.1,
        Schedule = LearningRateSchedule.Steps([100, 105]),
        WeightDecay = 5e-4,
        Augmentation = new Augmentation { HorizontalFlip = true, CropPadding = 4 },
        CacheImages = true,
    };

    /// <summary>
    /// Minutes on a CPU, for some thousand small grey images: ResNet-8 of width 8, PGD of 3 steps within 12/255, 14 epochs of one cycle. Ours; the sample
    /// TrainRobustClassifier measures it on letters.
    /// </summary>
    /// <remarks>On attacked images a small rate learns next to nothing, so the rate rises soon, from a fifth of the peak.</remarks>
    public static ImageClassificationOptions Quick { get; } = new()
    {
        Backbone = new ResNet(8) { Width = 8 },
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(12)) { Steps = 3 }),
        Epochs = 14,
        BatchSize = 32,
        LearningRate = 0.1,
        Schedule = LearningRateSchedule.OneCycle(riseFraction: 0.2, initialDivisor: 5),
        Augmentation = new Augmentation { CropPadding = 2 },
        CacheImages = true,
    };

    /// <summary>Goyal et al. 2017's descent on a batch of 256, with the epochs and the image variations of Xie &amp; Yuille 2020.</summary>
    private static ImageClassificationOptions ImageNet => new()
    {
        Epochs = 110,
        BatchSize = 256,
        LearningRate = 0.1,
        Schedule = LearningRateSchedule.Steps([35, 70, 95], warmupEpochs: 5),
        WeightDecay = 1e-4,
        Augmentation = new Augmentation { HorizontalFlip = true, ResizedCrop = new RandomResizedCrop(), ColorJitter = new ColorJitter() },
    };
}

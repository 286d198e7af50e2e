using Microsoft.ML;
using Microsoft.ML.Adversarial;

namespace Readme;

/// <summary>The code of README.md and of the pages in docs, compiled and run. Each region stands in one of them letter for letter; ReadmeTests says so.</summary>
public static class ReadmeCode
{
    public static double TrainEvaluateAndSave(MLContext ml, IDataView train, IDataView test, string folder)
    {
        #region train
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadImages("Image", folder, "Path"))
            .Append(ml.Transforms.ResizeImages("Image", 32, 32))
            .Append(ml.Transforms.ExtractPixels("Features", "Image"))
            .Append(ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
            {
                Backbone = new ResNet(8),
                Epochs = 2,
                LearningRate = 0.1,
                Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 5 }),
                Augmentation = new Augmentation { CropPadding = 2 },
                MetricsCallback = metrics => Console.WriteLine($"{metrics.Epoch}: loss {metrics.Loss:f3}, {metrics.Remaining} left"),
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));

        var model = pipeline.Fit(train);
        #endregion

        #region evaluate
        var robustness = ml.Adversarial().EvaluateRobustness(
            model, test, PgdAttack.Fgsm(Budget.LInf(8)), new PgdAttack(Budget.LInf(8)) { Steps = 50 }, new PgdAttack(Budget.L2(0.5)) { Steps = 50 });

        Console.WriteLine($"clean {robustness.CleanAccuracy.Accuracy:p1} of {robustness.Examples}, log-loss {robustness.Clean.LogLoss:f3}");
        foreach (var attack in robustness.Attacks)
            Console.WriteLine($"{attack.Attack}: {attack.Accuracy.Accuracy:p1}");
        Console.WriteLine($"under all of them: {robustness.WorstCaseAccuracy.Accuracy:p1}");
        Console.WriteLine(robustness.Attacks[1].Metrics.ConfusionMatrix.GetFormattedConfusionTable());
        Console.WriteLine($"the first image: {robustness.Labels[0]}, taken for {robustness.CleanPredictions[0]}, attacked for {robustness.Attacks[1].Predictions[0]}");
        #endregion

        #region save
        ml.Model.Save(model, train.Schema, "model.zip");

        var classifier = model.OfType<ImageClassificationTransformer>().Single();
        classifier.ExportOnnx("model.onnx");
        classifier.SaveWeights("weights.safetensors");
        #endregion

        classifier.Dispose();
        return robustness.WorstCaseAccuracy.Accuracy;
    }

    public static double AttackDeployed(MLContext ml, IDataView test)
    {
        #region deployed
        using var deployed = ml.Adversarial().LoadNetwork("model.zip");

        var audit = ml.Adversarial().EvaluateRobustness(
            deployed, test, [AutoAttack.Standard(Budget.LInf(8))], new RobustnessEvaluationOptions { StateFile = "evaluation.jsonl" });
        foreach (var member in audit.Attacks[0].Members)
            Console.WriteLine($"{member.Attack.Name} broke {member.Broken} of {member.Examples} images");
        Console.WriteLine($"{audit.WorstCaseAccuracy.Accuracy:p1} withstand, at least {audit.WorstCaseAccuracy.Lower:p1} with 95 % confidence");
        foreach (var warning in audit.Warnings)
            Console.WriteLine(warning);

        var gate = new RobustnessGate { MinimumCleanAccuracy = 0.4, MinimumRobustAccuracy = 0.25 };
        foreach (var failure in gate.Failures(audit))
            Console.WriteLine(failure);
        File.WriteAllText("robustness.json", audit.ToJson());
        #endregion

        return audit.WorstCaseAccuracy.Accuracy;
    }

    public static VerifiedFile CheckFile(MLContext ml)
    {
        #region verify
        var verified = ml.Adversarial().Verify("model.zip");
        Console.WriteLine($"{verified.Kind}, written by version {verified.LibraryVersion}, SHA-256 {verified.Hash}");
        #endregion

        return verified;
    }

    public static WeightsFacts DescribeFile(MLContext ml)
    {
        #region describe
        var facts = ml.Adversarial().DescribeWeights("weights.safetensors");
        Console.WriteLine($"{facts.Tensors.Count} tensors, {facts.Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.Numbers):n0} parameters");
        foreach (var (name, value) in facts.Description)
            Console.WriteLine($"{name}: {value}");
        #endregion

        return facts;
    }

    public static IReadOnlyList<ImageClassificationOptions> Methods()
    {
        #region methods
        var trades = ImageClassificationRecipes.Cifar10Adversarial with { Method = new Trades(Budget.LInf(8)) { Beta = 6 } };
        var mart = ImageClassificationRecipes.Cifar10Adversarial with { Method = new Mart(Budget.LInf(8)) { Beta = 5 } };
        var flat = trades with { Method = new AdversarialWeightPerturbation(trades.Method) { Share = 0.005, StartEpoch = 10 } };
        #endregion

        return [trades, mart, flat];
    }

    public static ImageClassificationOptions SingleSteps()
    {
        #region single steps
        var watched = new ImageClassificationOptions
        {
            Method = new GradientAlignment(new AdversarialTraining(PgdAttack.FgsmRandomStart(Budget.LInf(8)))),
            Selection = new ModelSelection(new PgdAttack(Budget.LInf(8))) { StopsOnCatastrophicOverfitting = true },
            BudgetWarmupEpochs = 2,
        };
        #endregion

        return watched;
    }

    public static ImageClassificationOptions MoreImages(MLContext ml, ITransformer labeller, IDataView unlabelled)
    {
        #region more images
        var guessed = labeller.Transform(unlabelled);
        var pseudoLabelled = ml.Transforms.CopyColumns("Label", "PredictedLabel").Fit(guessed).Transform(guessed);
        var more = ImageClassificationRecipes.Quick with
        {
            Augmentation = new Augmentation { CropPadding = 4, Erasing = RandomErasing.Cutout, CutMix = new CutMix() },
            Averaging = WeightAveraging.Exponential(),
            ExtraImages = new ExtraImages(pseudoLabelled) { Share = 0.5 },
        };
        #endregion

        return more;
    }

    public static ImageClassificationOptions Free()
    {
        #region free
        var options = ImageClassificationRecipes.Quick with { Method = new FreeAdversarialTraining(Budget.LInf(12)) { Replays = 4 }, Epochs = 4 };
        #endregion

        return options;
    }

    public static IReadOnlyList<Attack> FromPython()
    {
        #region from Python
        Attack[] fromTorchattacks =
        [
            // FGSM(model, eps=8/255)
            PgdAttack.Fgsm(Budget.LInf(8)),
            // PGD(model, eps=8/255, alpha=2/255, steps=10)
            new PgdAttack(Budget.LInf(8)) { Steps = 10, StepSize = StepSize.GreyLevels(2) },
            // PGD(model, eps=8/255, alpha=2/255, steps=10, random_start=False)
            new PgdAttack(Budget.LInf(8)) { Steps = 10, StepSize = StepSize.GreyLevels(2), Start = AttackStart.Clean },
            // PGDL2(model, eps=0.5, alpha=0.1, steps=10)
            new PgdAttack(Budget.L2(0.5)) { Steps = 10, StepSize = StepSize.Unit(0.1) },
            // APGD(model, norm='Linf', eps=8/255, steps=100, n_restarts=1, loss='ce'), and loss='dlr'
            new ApgdAttack(Budget.LInf(8)) { Steps = 100, Loss = AttackLoss.CrossEntropy },
            new ApgdAttack(Budget.LInf(8)) { Steps = 100, Loss = AttackLoss.DifferenceOfLogitsRatio },
            // APGDT(model, norm='Linf', eps=8/255, n_classes=10)
            new ApgdAttack(Budget.LInf(8)) { Goal = AttackGoal.LikeliestTargets(9), Loss = AttackLoss.DifferenceOfLogitsRatio },
            // FAB(model, norm='Linf', eps=8/255, steps=100)
            new FabAttack(Budget.LInf(8)) { Steps = 100 },
            // Square(model, norm='Linf', eps=8/255, n_queries=5000)
            new SquareAttack(Budget.LInf(8)) { Queries = 5000 },
            // AutoAttack(model, norm='Linf', eps=8/255, version='standard'), 'plus' and 'rand'
            AutoAttack.Standard(Budget.LInf(8)),
            AutoAttack.Plus(Budget.LInf(8)),
            AutoAttack.Randomized(Budget.LInf(8)),
            // atk.set_mode_targeted_random(), set_mode_targeted_least_likely(), by label 3
            new PgdAttack(Budget.LInf(8)) { Goal = AttackGoal.RandomTarget },
            new PgdAttack(Budget.LInf(8)) { Goal = AttackGoal.LeastLikely },
            new PgdAttack(Budget.LInf(8)) { Goal = AttackGoal.Target(3) },
        ];
        #endregion

        return fromTorchattacks;
    }

    public static double HardenAnyNetwork(MLContext ml, IDataView train, IDataView test)
    {
        #region foreign
        using var shipped = ml.Adversarial().LoadNetwork("classifier.onnx", new NetworkFileOptions
        {
            OutputName = "Logits",
            PixelNormalization = PixelNormalization.GreyLevels,
            ClassNames = File.ReadAllLines("classes.txt"),
        });
        var weakness = ml.Adversarial().EvaluateRobustness(shipped, test, AutoAttack.Standard(Budget.LInf(8)));
        Console.WriteLine($"{weakness.CleanAccuracy.Accuracy:p1} clean, {weakness.WorstCaseAccuracy.Accuracy:p1} withstand");

        var backbone = ml.Adversarial().LoadBackbone("classifier.onnx", new NetworkFileOptions { OutputName = "Logits", PixelNormalization = PixelNormalization.GreyLevels });
        using var hardened = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
        {
            Backbone = backbone,
            Normalization = Normalization.MixtureBatch,
            Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 5 }) { CleanRatio = 1 },
            Epochs = 3,
            LearningRate = 0.02,
        }).Fit(train);
        hardened.ExportOnnx("hardened.onnx");
        #endregion

        return weakness.WorstCaseAccuracy.Accuracy;
    }

    public static double AttackAnyModel(MLContext ml, IEstimator<ITransformer> preparation, IDataView train, IDataView test)
    {
        #region blackbox
        var linear = preparation.Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(train);
        var blackBox = ml.Adversarial().EvaluateBlackBox(
            linear, test, [new SquareAttack(Budget.LInf(12)) { Queries = 500 }], new BlackBoxEvaluationOptions { StateFile = "square.jsonl" });
        Console.WriteLine($"{blackBox.CleanAccuracy.Accuracy:p1} clean, {blackBox.WorstCaseAccuracy.Accuracy:p1} under Square");
        #endregion

        return blackBox.WorstCaseAccuracy.Accuracy;
    }

    public static double AttackPipeline(MLContext ml, IEstimator<ITransformer> preparation, IDataView train, IDataView test)
    {
        #region pipeline
        var featurized = preparation
            .Append(ml.Transforms.ApplyOnnxModel("Logits", "Features", "classifier.onnx"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Logits"))
            .Fit(train);
        using var whole = ml.Adversarial().LoadNetwork(featurized, new NetworkFileOptions());
        var ofPipeline = ml.Adversarial().EvaluateRobustness(whole, test, new PgdAttack(Budget.LInf(8)));
        #endregion

        return ofPipeline.WorstCaseAccuracy.Accuracy;
    }

    public static double AttackOwnNetwork(MLContext ml, TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> module, IDataView prepared)
    {
        #region own network
        var ofModule = ml.Adversarial().EvaluateRobustness(
            ImageClassifier.Of(module, classCount: 10), prepared, [new PgdAttack(Budget.LInf(8))], new NetworkEvaluationOptions { StateFile = "module.jsonl" });
        #endregion

        return ofModule.WorstCaseAccuracy.Accuracy;
    }

    public static double LookAtAttackedImages(
        MLContext ml, ImageClassificationTransformer classifier, IEstimator<ITransformer> preparation, IDataView train, IDataView test)
    {
        #region transform
        var prepared = preparation.Fit(train).Transform(test);
        var attack = new PgdAttack(Budget.LInf(12)) { Steps = 20 };
        var attacked = ml.Adversarial().Transforms.AdversarialExamples(classifier, attack).Fit(prepared).Transform(prepared);
        var underAttack = ml.MulticlassClassification.Evaluate(classifier.Transform(attacked));

        var pictures = ml.Adversarial().Transforms.AdversarialExamples(new AdversarialExamplesOptions
        {
            Classifier = classifier,
            Attack = attack,
            InputColumnName = "Image",
            OutputColumnName = "Picture",
        }).Fit(prepared).Transform(prepared);
        using var first = Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<Microsoft.ML.Data.MLImage>(pictures, "Picture").First();
        first.Save("attacked.png");
        #endregion

        return underAttack.MicroAccuracy;
    }

    public static (RobustnessEvaluation Adversarial, RobustnessEvaluation Clean) MixDomains(
        MLContext ml, IEstimator<ITransformer> preparation, IDataView train, IDataView test)
    {
        #region mix
        var attack = new PgdAttack(Budget.LInf(12)) { Steps = 3 };
        var pipeline = preparation.Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
        {
            Normalization = Normalization.MixtureBatch,
            Method = new AdversarialTraining(attack) { CleanRatio = 1 },
            ConsistentEpochs = 2,
        }));
        var model = pipeline.Fit(train);

        var adversarial = ml.Adversarial().EvaluateRobustness(model, test, attack);
        var clean = ml.Adversarial().EvaluateRobustness(model, test, [attack], new RobustnessEvaluationOptions { Domain = ImageDomain.Clean });
        using var forCleanImages = model.LastTransformer.WithDomain(ImageDomain.Clean);
        #endregion

        model.LastTransformer.Dispose();
        return (adversarial, clean);
    }

    public static RobustnessEvaluation Hurry(MLContext ml, IEstimator<ITransformer> preparation, IDataView train, IDataView test)
    {
        #region hurry
        var fast = preparation.Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with { CraftingPrecision = Precision.Automatic })).Fit(train);
        var quick = ml.Adversarial().EvaluateRobustness(fast, test, [new PgdAttack(Budget.LInf(12))], new RobustnessEvaluationOptions { SearchPrecision = Precision.BFloat16 });
        Console.WriteLine($"searched in {quick.SearchPrecision}: {quick.WorstCaseAccuracy.Accuracy:p1}");
        #endregion

        fast.LastTransformer.Dispose();
        return quick;
    }

    public static ImageClassificationTransformer Distributed(MLContext ml, IDataView train, IDataView test)
    {
        #region distributed
        var group = MpiGroup.World;
        var trainer = ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.ImageNetAdversarial with
        {
            Distributed = group,
            BatchSize = 32 * group.Size,
            LearningRate = 0.1 * 32 * group.Size / 256,
            Checkpoints = new CheckpointOptions("checkpoints"),
            ResumeFrom = "checkpoints",
        });
        var model = trainer.Fit(train);
        if (group.Rank == 0)
            model.ExportOnnx("model.onnx");

        var evaluation = ml.Adversarial().EvaluateRobustness(
            model, test, [AutoAttack.Standard(Budget.LInf(4))], new RobustnessEvaluationOptions { Distributed = group, StateFile = "evaluation.jsonl" });
        Console.WriteLine($"{group}: {evaluation.WorstCaseAccuracy.Accuracy:p1}, {group.TimeInSums} in MPI");
        #endregion

        return model;
    }

    public static DepthExperiment DistributedDepth(MLContext ml)
    {
        #region distributed-depth
        var experiment = ml.Adversarial().CreateDepthExperiment(new DepthExperimentSettings
        {
            Depths = [8, 14, 20, 32],
            Training = ImageClassificationRecipes.Quick,
            CheckpointDirectory = "experiment",
            Distributed = MpiGroup.World,
        });
        #endregion

        return experiment;
    }

    public static ImageClassificationTrainer Survive(MLContext ml)
    {
        #region survive
        var surviving = ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
        {
            Checkpoints = new CheckpointOptions("checkpoints") { Interval = TimeSpan.FromMinutes(5) },
            ResumeFrom = "checkpoints",
            MaximumTrainingTime = TimeSpan.FromHours(8),
            WhenStopped = StoppedTraining.ReturnModel,
            Selection = new ModelSelection(new PgdAttack(Budget.LInf(12)) { Steps = 10 }) { Patience = 5 },
        });
        #endregion

        return surviving;
    }

    public static IReadOnlyList<ImageClassificationOptions> Backbones()
    {
        #region backbones
        var wide = new ImageClassificationOptions
        {
            Backbone = new WideResNet(28, widening: 10) { Activation = Activation.Silu },
            Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 10 }),
        };
        var normalizedFirst = wide with { Backbone = new PreActResNet(18) { Activation = Activation.Softplus } };
        #endregion

        return [wide, normalizedFirst];
    }

    public static ImageClassificationOptions PublicWeights()
    {
        #region public weights
        var fromRobustBench = new ImageClassificationOptions
        {
            Backbone = new WideResNet(28, widening: 10) { Activation = Activation.Silu, PadsAtEnd = true },
            PixelNormalization = new PixelNormalization([0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]),
            InitialWeights = "wide-resnet-28-10.safetensors",
            Epochs = 5,
            LearningRate = 0.01,
        };
        #endregion

        return fromRobustBench;
    }

    public static ImageClassificationTrainer FineTune(MLContext ml)
    {
        #region finetune
        var fineTuning = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
        {
            Backbone = new ResNet(8),
            Epochs = 2,
            LearningRate = 0.01,
            InitialWeights = "weights.safetensors",
            Averaging = WeightAveraging.Exponential(),
            EventDirectory = "events",
        });
        #endregion

        return fineTuning;
    }

    public static int ChooseDepth(MLContext ml, IEstimator<ITransformer> preparation, IDataView train, IDataView validation)
    {
        #region depth
        var experiment = ml.Adversarial().CreateDepthExperiment(new DepthExperimentSettings
        {
            Depths = [8, 14],
            Training = ImageClassificationRecipes.Quick with { Epochs = 2 },
            MaximumExperimentTime = TimeSpan.FromMinutes(10),
            MaximumLatency = TimeSpan.FromMilliseconds(20),
            CheckpointDirectory = "experiment",
        });
        using var result = experiment.Execute(train, validation, preparation);

        foreach (var run in result.RunDetails)
            Console.WriteLine($"{run.Trial}: {run.RobustAccuracy?.Accuracy:p1} robust, {run.MultiplyAdds / 1e6:f1} million multiply-adds, {run.Status}");
        ml.Model.Save(result.BestRun.Model, train.Schema, "best.zip");
        File.WriteAllText("depth.md", result.ToMarkdown());
        #endregion

        return result.BestRun.Trial.Depth;
    }

    #region automl
    /// <summary>AutoML asks for depths, the experiment's trial answers: <c>ml.Auto().CreateExperiment().SetTrialRunner(...)</c>.</summary>
    public sealed class DepthTrialRunner(DepthExperiment experiment, IDataView train, IDataView validation) : Microsoft.ML.AutoML.ITrialRunner
    {
        public Task<Microsoft.ML.AutoML.TrialResult> RunAsync(Microsoft.ML.AutoML.TrialSettings settings, CancellationToken ct)
        {
            var run = experiment.RunTrial(new DepthTrial(settings.Parameter["Depth"].AsType<int>()), train, validation, ct);
            return Task.FromResult(new Microsoft.ML.AutoML.TrialResult
            {
                TrialSettings = settings,
                Model = run.Model,
                Metric = run.Metric,
                Loss = -run.Metric,
                DurationInMilliseconds = run.TrainingTime.TotalMilliseconds,
            });
        }

        public void Dispose()
        {
        }
    }
    #endregion

    #region attack
    /// <summary>Adds noise and hopes.</summary>
    public sealed record NoiseAttack(Budget Allowed) : Attack(Allowed)
    {
        public override string Name => "noise";

        protected override Search Begin(SearchInput input) => Search.Once(input, Budget.RandomStart(input.Images, input.Random));

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.AddNothing();
        }
    }
    #endregion

    #region method
    /// <summary>Cross-entropy on clean and on attacked images, half and half.</summary>
    public sealed record HalfAndHalf(Attack Crafting) : TrainingMethod
    {
        public override Attack Attack => Crafting;

        protected override void Step(UpdateContext step)
        {
            var attacked = step.Craft(Crafting);
            var (images, labels) = (TorchSharp.torch.cat([step.Images, attacked]), TorchSharp.torch.cat([step.Labels, step.Labels]));
            step.Update(network => CrossEntropy(network.Logits(images, ImageDomain.Adversarial), labels));
        }

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("attack", Crafting);
        }
    }
    #endregion

    #region backbone
    /// <summary>A convolution, one residual block, a pool and the classes.</summary>
    public sealed record TinyNet : Backbone
    {
        public override string Name => "TinyNet";

        protected override void LayOut(NetworkLayout layout) => layout
            .Convolution("conv1", outputs: 8, kernel: 3).Normalization("bn1").Activation(Activation.Relu)
            .Residual("block", main => main.Convolution("conv1", 8, 3).Normalization("bn1")).Activation(Activation.Relu)
            .GlobalAveragePool().Classifier("fc");

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.AddNothing();
        }
    }
    #endregion
}

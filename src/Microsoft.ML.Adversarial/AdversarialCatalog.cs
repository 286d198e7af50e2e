using System.Runtime.CompilerServices;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>What <c>ml.Adversarial()</c> offers.</summary>
public sealed class AdversarialCatalog
{
    private readonly MLContext ml;

    internal AdversarialCatalog(MLContext ml)
    {
        this.ml = ml;
        Trainers = new TrainerCatalog(ml);
        Transforms = new TransformCatalog(ml);
    }

    /// <summary>The trainers.</summary>
    public TrainerCatalog Trainers { get; }

    /// <summary>The transforms.</summary>
    public TransformCatalog Transforms { get; }

    /// <summary>An experiment that finds the depth worth its cost, with the default settings.</summary>
    /// <param name="maximumTime">When it ends; above zero.</param>
    /// <returns>The experiment; <c>Execute</c> runs it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumTime"/> is not above zero.</exception>
    public DepthExperiment CreateDepthExperiment(TimeSpan maximumTime) =>
        CreateDepthExperiment(new DepthExperimentSettings { MaximumExperimentTime = maximumTime });

    /// <summary>An experiment that finds the depth worth its cost, and the width and normalisation if asked.</summary>
    /// <param name="settings">What to try, how to train and to judge, and when to end.</param>
    /// <returns>The experiment; <c>Execute</c> runs it.</returns>
    /// <exception cref="ArgumentException">Settings contradict each other.</exception>
    /// <example>
    /// <code>
    /// var experiment = ml.Adversarial().CreateDepthExperiment(new DepthExperimentSettings
    /// {
    ///     Depths = [8, 14],
    ///     Training = ImageClassificationRecipes.Quick with { Epochs = 2 },
    ///     MaximumExperimentTime = TimeSpan.FromMinutes(10),
    ///     MaximumLatency = TimeSpan.FromMilliseconds(20),
    ///     CheckpointDirectory = "experiment",
    /// });
    /// </code>
    /// </example>
    public DepthExperiment CreateDepthExperiment(DepthExperimentSettings settings) => new(ml, Require.NotNull(settings, nameof(settings)));

    /// <summary>Measures a fitted pipeline on clean images and under attacks on its network, each on the images that are classified as labelled.</summary>
    /// <param name="model">A pipeline as <c>Fit</c> returned it, with one <see cref="ImageClassificationTransformer"/> in it, or a <see cref="DeployedClassifier"/>.</param>
    /// <param name="data">Labelled images as the pipeline takes them, or as it has scored them: of a fold of <c>CrossValidate</c>, its <c>ScoredHoldOutSet</c>.</param>
    /// <param name="attacks">The attacks; none measures clean images only.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example.</returns>
    /// <exception cref="ArgumentException">The model holds no network, or the data does not fit it.</exception>
    /// <exception cref="InvalidOperationException">An attack left its budget, or does not fit the network.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label.</exception>
    /// <example>
    /// <code>
    /// var robustness = ml.Adversarial().EvaluateRobustness(
    ///     model, test, PgdAttack.Fgsm(Budget.LInf(8)), new PgdAttack(Budget.LInf(8)) { Steps = 50 }, new PgdAttack(Budget.L2(0.5)) { Steps = 50 });
    ///
    /// Console.WriteLine($"clean {robustness.CleanAccuracy.Accuracy:p1} of {robustness.Examples}, log-loss {robustness.Clean.LogLoss:f3}");
    /// </code>
    /// </example>
    public RobustnessEvaluation EvaluateRobustness(ITransformer model, IDataView data, params Attack[] attacks) =>
        EvaluateRobustness(model, data, attacks, new RobustnessEvaluationOptions());

    /// <summary>Measures a fitted pipeline on clean images and under attacks on its network, each on the images that are classified as labelled.</summary>
    /// <param name="model">A pipeline as <c>Fit</c> returned it, with one <see cref="ImageClassificationTransformer"/> in it, or a <see cref="DeployedClassifier"/>.</param>
    /// <param name="data">Labelled images as the pipeline takes them, or as it has scored them: of a fold of <c>CrossValidate</c>, its <c>ScoredHoldOutSet</c>.</param>
    /// <param name="attacks">The attacks; none measures clean images only.</param>
    /// <param name="options">Domain, precision, batch size, seed, state file, progress, cancellation.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example.</returns>
    /// <exception cref="ArgumentException">The model holds no network, or the data does not fit it.</exception>
    /// <exception cref="InvalidOperationException">An attack left its budget, or does not fit the network; or the options' domain was never trained, or is not the one a deployed classifier was saved with.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label; or the state file is of another evaluation.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <example>
    /// <code>
    /// var audit = ml.Adversarial().EvaluateRobustness(
    ///     deployed, test, [AutoAttack.Standard(Budget.LInf(8))], new RobustnessEvaluationOptions { StateFile = "evaluation.jsonl" });
    /// foreach (var member in audit.Attacks[0].Members)
    ///     Console.WriteLine($"{member.Attack.Name} broke {member.Broken} of {member.Examples} images");
    /// Console.WriteLine($"{audit.WorstCaseAccuracy.Accuracy:p1} withstand, at least {audit.WorstCaseAccuracy.Lower:p1} with 95 % confidence");
    /// </code>
    /// </example>
    public RobustnessEvaluation EvaluateRobustness(ITransformer model, IDataView data, IReadOnlyList<Attack> attacks, RobustnessEvaluationOptions options)
    {
        Check(model, data, attacks);
        using var target = NetworkTarget.Of(model, data, Require.NotNull(options, nameof(options)));
        return new RobustnessEvaluationRun(ml, options).Evaluate(target, attacks);
    }

    /// <summary>
    /// Measures a network of your own, gradients included, on clean images and under attacks, each on the images that are classified as labelled: a TorchSharp module in
    /// <see cref="ImageClassifier.Of"/>, or any class that implements <see cref="IImageClassifier"/>.
    /// </summary>
    /// <param name="network">The network; it stays the caller's. It gets its images on the device that <c>MLContext.GpuDeviceId</c> names, on the CPU where that is null.</param>
    /// <param name="data">Labelled images, as vectors of pixels or as <see cref="Data.MLImage"/>, prepared as the network takes them but for their scale, which is [0, 1] there.</param>
    /// <param name="attacks">The attacks, of which those that need gradients are refused where the network's scores have none; none measures clean images only.</param>
    /// <param name="options">Class names, columns, image size, pixel range, batch size, seed, state file, progress, cancellation.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example.</returns>
    /// <exception cref="ArgumentException">An attack needs gradients and there are none; a column is missing or of the wrong type; or the network tells other classes apart than the labels.</exception>
    /// <exception cref="InvalidOperationException">The network gives no class scores; or an attack left its budget, or does not fit the network.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label; or the state file is of another evaluation.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that <c>MLContext.GpuDeviceId</c> names.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public RobustnessEvaluation EvaluateRobustness(IImageClassifier network, IDataView data, IReadOnlyList<Attack> attacks, NetworkEvaluationOptions options)
    {
        Check(network, data, attacks);
        Require.NotNull(options, nameof(options));
        using var channel = ((IHostEnvironment)ml).Register(nameof(EvaluateRobustness)).Start(nameof(EvaluateRobustness));
        var device = TorchBackend.ChooseDevice(ml.GpuDeviceId, ml.FallbackToCpu, warning => channel.Warning(default, warning));
        using var target = OwnNetworkTarget.Of(network, data, options, device);
        return new RobustnessEvaluationRun(ml, options).Evaluate(target, attacks);
    }

    /// <summary>
    /// Measures any model that maps a column of pixels or images to a vector of scores, ML.NET's own trainers' included, on clean images and under attacks that ask
    /// for scores alone. The model is asked through its public <c>Transform</c>, many images at a time.
    /// </summary>
    /// <param name="model">A fitted model, from the data to the scores.</param>
    /// <param name="data">Labelled images as the model takes them.</param>
    /// <param name="attacks">Attacks that need no gradient, such as <see cref="SquareAttack"/>; none measures clean images only.</param>
    /// <param name="options">Columns, pixel range, batch size, seed, state file, progress, cancellation; null for the defaults.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example. Log-losses are of the softmax of scores that are no probabilities.</returns>
    /// <exception cref="ArgumentException">An attack needs gradients; a column is missing or of the wrong type; the stages behind the pixels want other columns.</exception>
    /// <exception cref="InvalidOperationException">An attack left its budget, or does not fit the model.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label; or the state file is of another evaluation.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <example>
    /// <code>
    /// var blackBox = ml.Adversarial().EvaluateBlackBox(linear, test, [new SquareAttack(Budget.LInf(12)) { Queries = 500 }]);
    /// </code>
    /// </example>
    public RobustnessEvaluation EvaluateBlackBox(ITransformer model, IDataView data, IReadOnlyList<Attack> attacks, BlackBoxEvaluationOptions? options = null)
    {
        Check(model, data, attacks);
        options ??= new BlackBoxEvaluationOptions();
        using var target = ScoreTarget.Of(model, data, options);
        return new RobustnessEvaluationRun(ml, options).Evaluate(target, attacks);
    }

    /// <summary>
    /// Reads a model that is already deployed back into a network that can be attacked and evaluated. Of a file of this library it needs the file alone; an ONNX file from elsewhere takes
    /// pixels from 0 to 1 in the order of its input's shape, and its classes are 0, 1, 2, ..., unless the other overload's options say otherwise.
    /// </summary>
    /// <remarks>
    /// <para>
    /// An ONNX file from elsewhere is read operator by operator (versions 7 to 22 of ai.onnx), and what was understood is compared with ONNX Runtime on the file: scores of noise and of soft
    /// shades within 1e-4 of the largest, or within the rounding of float32 where a network leaves more open; gradients with differences of scores. It is refused otherwise.
    /// </para>
    /// <para>
    /// The rest of a <c>model.zip</c> is read by <c>ml.Model.Load</c>, which may run any component that the file names: load files that you trust. Training does not go on from
    /// a network of this library that was read so; that is what checkpoints and <see cref="ImageClassificationTransformer.SaveWeights"/> are for.
    /// </para>
    /// </remarks>
    /// <param name="path">A <c>model.zip</c> that <c>ml.Model.Save</c> wrote of a pipeline with an <see cref="ImageClassificationTransformer"/>, a file that <see cref="ImageClassificationTransformer.ExportOnnx(string)"/> wrote, or an ONNX file of any other program. The content tells which it is.</param>
    /// <returns>The classifier, to be evaluated on a label column <c>Label</c>; dispose it to free the network.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is none of these or is not understood (all operators that are not are named, or the first node that gives something else than ONNX Runtime), or is damaged: its hash, or that of an entry, is not that of its content.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that <c>MLContext.GpuDeviceId</c> names.</exception>
    /// <example>
    /// <code>
    /// using var deployed = ml.Adversarial().LoadNetwork("model.zip");
    /// </code>
    /// </example>
    public DeployedClassifier LoadNetwork(string path) => LoadNetwork(path, new NetworkFileOptions());

    /// <summary>Reads a model that is already deployed back into a network that can be attacked and evaluated; see <see cref="LoadNetwork(string)"/>.</summary>
    /// <param name="path">An ONNX file of any program, or a <c>model.zip</c> or ONNX file of this library.</param>
    /// <param name="options">What an ONNX file from elsewhere does not say itself.</param>
    /// <returns>The classifier; dispose it to free the network.</returns>
    /// <exception cref="ArgumentException">The options state what the file, which this library wrote, says itself; or they have numbers for other channels.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not understood, is damaged, or is not what the options say of it.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that <c>MLContext.GpuDeviceId</c> names.</exception>
    /// <example>
    /// <code>
    /// using var shipped = ml.Adversarial().LoadNetwork("classifier.onnx", new NetworkFileOptions
    /// {
    ///     OutputName = "Logits",
    ///     PixelNormalization = PixelNormalization.GreyLevels,
    ///     ClassNames = File.ReadAllLines("classes.txt"),
    /// });
    /// </code>
    /// </example>
    public DeployedClassifier LoadNetwork(string path, NetworkFileOptions options) =>
        DeployedClassifier.Load(ml, Require.NotEmpty(path, nameof(path)), Require.NotNull(options, nameof(options)));

    /// <summary>
    /// Reads a network from an ONNX file to be trained further, as <see cref="TrainingOptions.Backbone"/>: adversarially, with other classes, with normalisation for each domain. It is read
    /// and compared with ONNX Runtime as <see cref="LoadNetwork(string)"/> does it.
    /// </summary>
    /// <param name="path">An ONNX file of any program. It takes pixels from 0 to 1 unless the other overload's options say otherwise.</param>
    /// <returns>The backbone.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not understood, or is damaged.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch.</exception>
    public OnnxBackbone LoadBackbone(string path) => LoadBackbone(path, new NetworkFileOptions());

    /// <summary>Reads a network from an ONNX file to be trained further; see <see cref="LoadBackbone(string)"/>.</summary>
    /// <param name="path">An ONNX file of any program.</param>
    /// <param name="options">What the file does not say itself; columns, pixel range and class names are the trainer's business and must be left out.</param>
    /// <returns>The backbone.</returns>
    /// <exception cref="ArgumentException">The options state columns, a pixel range or class names.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not understood, is damaged, or is not what the options say of it.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch.</exception>
    /// <example>
    /// <code>
    /// var backbone = ml.Adversarial().LoadBackbone("classifier.onnx", new NetworkFileOptions { OutputName = "Logits", PixelNormalization = PixelNormalization.GreyLevels });
    /// </code>
    /// </example>
    public OnnxBackbone LoadBackbone(string path, NetworkFileOptions options)
    {
        Require.NotEmpty(path, nameof(path));
        Require.NotNull(options, nameof(options)).CheckStatesNoColumns();
        using var channel = ((IHostEnvironment)ml).Register(nameof(LoadBackbone)).Start(nameof(LoadBackbone));
        TorchBackend.ChooseDevice(null, fallbackToCpu: true, _ => { });
        FileVerification.CheckExists(path);
        return OnnxBackbone.Read(path, options, warning => channel.Warning(default, warning));
    }

    /// <summary>
    /// Makes a fitted pipeline of ML.NET's own stages one network that can be attacked with gradients: the ONNX graphs of <c>ApplyOnnxModel</c> and <c>DnnFeaturizeImage</c>, and the linear
    /// predictor behind them where there is one.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The images that are attacked are those of the column that the first ONNX stage takes, which is called as the graph's input is; the stages before it prepare the data. What follows is
    /// understood where it is an ONNX stage, <c>CopyColumns</c> or <c>Concatenate</c> of one column, or what <c>LbfgsMaximumEntropy</c>, <c>SdcaMaximumEntropy</c> or <c>SdcaNonCalibrated</c>
    /// fitted. Everything else on the way to the scores is refused by its name; such models are measured with <see cref="EvaluateBlackBox"/>.
    /// </para>
    /// <para>
    /// All of it is read operator by operator and compared with ONNX Runtime, as <see cref="LoadNetwork(string)"/> says; and its probabilities with those of the pipeline itself on images of
    /// noise, from which they may differ by 0.001.
    /// </para>
    /// </remarks>
    /// <param name="model">The pipeline, as <c>Fit</c> or <c>ml.Model.Load</c> returned it. It stays the caller's, and must live as long as the classifier, which scores with it.</param>
    /// <param name="options">What the pipeline does not say: the pixels' range in that column if it is not 0 to 255, the label column, the classes where there is no predictor that knows them.</param>
    /// <returns>The classifier, from the columns that the pipeline begins with; dispose it to free the network.</returns>
    /// <exception cref="ArgumentException">The pipeline has no ONNX stage, or another one on the way to the scores is not understood, or the options state what the pipeline says itself.</exception>
    /// <exception cref="InvalidDataException">A graph is not understood, is not what the options say of it, or gives other scores here than in the pipeline.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that <c>MLContext.GpuDeviceId</c> names.</exception>
    public DeployedClassifier LoadNetwork(ITransformer model, NetworkFileOptions options) =>
        DeployedClassifier.Load(ml, Require.NotNull(model, nameof(model)), Require.NotNull(options, nameof(options)));

    /// <summary>
    /// Tells what a file of this library is, and that it is as it was written; whatever else is read by the library is checked in the same way first. Ask it before
    /// <c>ml.Model.Load</c>, which uses a damaged <c>model.zip</c> without a word.
    /// </summary>
    /// <param name="path">A <c>model.zip</c>, an ONNX file, weights or a checkpoint. The content tells which it is.</param>
    /// <returns>Its kind, its hash, and the version that wrote it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or was not written by this library: the message names it, and of a <c>model.zip</c> the entry.</exception>
    public VerifiedFile Verify(string path) => FileVerification.Verify(ml, Require.NotEmpty(path, nameof(path)));

    private static void Check(object model, IDataView data, IReadOnlyList<Attack> attacks, [CallerArgumentExpression(nameof(model))] string name = "")
    {
        Require.NotNull(model, name);
        Require.NotNull(data, nameof(data));
        foreach (var attack in Require.NotNull(attacks, nameof(attacks)))
            Require.NotNull(attack, nameof(attacks));
    }
}

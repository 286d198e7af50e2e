
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
    public DepthExperiment CreateDepthExperiment(DepthExperimentSettings settings) => new(ml, Require.NotNull(settings, nameof(settings)));

    /// <summary>Measures a fitted pipeline on clean images and under attacks on its network, each on the images that are classified as labelled.</summary>
    /// <param name="model">A pipeline as <c>Fit</c> returned it, with one <see cref="ImageClassificationTransformer"/> in it, or a <see cref="DeployedClassifier"/>.</param>
    /// <param name="data">Labelled images as the pipeline takes them.</param>
    /// <param name="attacks">The attacks; none measures clean images only.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example.</returns>
    /// <exception cref="ArgumentException">The model holds no network, or the data does not fit it.</exception>
    /// <exception cref="InvalidOperationException">An attack left its budget, or does not fit the network.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label.</exception>
    public RobustnessEvaluation EvaluateRobustness(ITransformer model, IDataView data, params Attack[] attacks) =>
        EvaluateRobustness(model, data, attacks, new RobustnessEvaluationOptions());

    /// <summary>Measures a fitted pipeline on clean images and under attacks on its network, each on the images that are classified as labelled.</summary>
    /// <param name="model">A pipeline as <c>Fit</c> returned it, with one <see cref="ImageClassificationTransformer"/> in it, or a <see cref="DeployedClassifier"/>.</param>
    /// <param name="data">Labelled images as the pipeline takes them.</param>
    /// <param name="attacks">The attacks; none measures clean images only.</param>
    /// <param name="options">Domain, batch size, seed, state file, progress, cancellation.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example.</returns>
    /// <exception cref="ArgumentException">The model holds no network, or the data does not fit it.</exception>
    /// <exception cref="InvalidOperationException">An attack left its budget, or does not fit the network; or the options' domain was never trained, or is not the one a deployed classifier was saved with.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label; or the state file is of another evaluation.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public RobustnessEvaluation EvaluateRobustness(ITransformer model, IDataView data, IReadOnlyList<Attack> attacks, RobustnessEvaluationOptions options)
    {
        Require.NotNull(model, nameof(model));
        Require.NotNull(data, nameof(data));
        foreach (var attack in Require.NotNull(attacks, nameof(attacks)))
            Require.NotNull(attack, nameof(attacks));
        using var target = NetworkTarget.Of(model, data, Require.NotNull(options, nameof(options)).Domain);
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
    public RobustnessEvaluation EvaluateBlackBox(ITransformer model, IDataView data, IReadOnlyList<Attack> attacks, BlackBoxEvaluationOptions? options = null)
    {
        Require.NotNull(model, nameof(model));
        Require.NotNull(data, nameof(data));
        foreach (var attack in Require.NotNull(attacks, nameof(attacks)))
            Require.NotNull(attack, nameof(attacks));
        options ??= new BlackBoxEvaluationOptions();
        using var target = ScoreTarget.Of(model, data, options);
        return new RobustnessEvaluationRun(ml, options).Evaluate(target, attacks);
    }

    /// <summary>
    /// Reads a model that is already deployed back into a network that can be attacked and evaluated. It needs the file alone: the exported graph says all that the network is.
    /// Architecture and weights are checked against the bytes that are there; whatever this library would not have written is refused.
    /// </summary>
    /// <remarks>
    /// The rest of a <c>model.zip</c> is read by <c>ml.Model.Load</c>, which may run any component that the file names: load files that you trust. Training does not go on from
    /// such a network; that is what checkpoints and <see cref="ImageClassificationTransformer.SaveWeights"/> are for.
    /// </remarks>
    /// <param name="path">A <c>model.zip</c> that <c>ml.Model.Save</c> wrote of a pipeline with an <see cref="ImageClassificationTransformer"/>, or a file that <see cref="ImageClassificationTransformer.ExportOnnx(string)"/> wrote. The content tells which it is.</param>
    /// <param name="labelColumnName">The label column of the data to evaluate on, a key whose values are the model's classes in their order.</param>
    /// <returns>The classifier; dispose it to free the network.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is none of these, is damaged, or holds another network: the message names the first node that is not as this library writes it.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that <c>MLContext.GpuDeviceId</c> names.</exception>
    public DeployedClassifier LoadNetwork(string path, string labelColumnName = "Label") =>
        DeployedClassifier.Load(ml, Require.NotEmpty(path, nameof(path)), Require.NotEmpty(labelColumnName, nameof(labelColumnName)));
}

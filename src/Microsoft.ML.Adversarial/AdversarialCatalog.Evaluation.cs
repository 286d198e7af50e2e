using System.Runtime.CompilerServices;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <content>What measures models: by their gradients, or by their scores alone.</content>
public sealed partial class AdversarialCatalog
{
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
    /// <example>
    /// <code>
    /// var ofModule = ml.Adversarial().EvaluateRobustness(
    ///     ImageClassifier.Of(module, classCount: 10), prepared, [new PgdAttack(Budget.LInf(8))], new NetworkEvaluationOptions { StateFile = "module.jsonl" });
    /// </code>
    /// </example>
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
    /// var linear = preparation.Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(train);
    /// var blackBox = ml.Adversarial().EvaluateBlackBox(
    ///     linear, test, [new SquareAttack(Budget.LInf(12)) { Queries = 500 }], new BlackBoxEvaluationOptions { StateFile = "square.jsonl" });
    /// </code>
    /// </example>
    public RobustnessEvaluation EvaluateBlackBox(ITransformer model, IDataView data, IReadOnlyList<Attack> attacks, BlackBoxEvaluationOptions? options = null)
    {
        Check(model, data, attacks);
        options ??= new BlackBoxEvaluationOptions();
        using var target = ScoreTarget.Of(model, data, options);
        return new RobustnessEvaluationRun(ml, options).Evaluate(target, attacks);
    }

    private static void Check(object model, IDataView data, IReadOnlyList<Attack> attacks, [CallerArgumentExpression(nameof(model))] string name = "")
    {
        Require.NotNull(model, name);
        Require.NotNull(data, nameof(data));
        foreach (var attack in Require.NotNull(attacks, nameof(attacks)))
            Require.NotNull(attack, nameof(attacks));
    }
}

using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <content>What reads models: from files, and from fitted pipelines of ML.NET's own stages.</content>
public sealed partial class AdversarialCatalog
{
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
    /// <inheritdoc cref="LoadBackbone(string, NetworkFileOptions)" path="/example"/>
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
    /// <example>
    /// <code>
    /// var featurized = preparation
    ///     .Append(ml.Transforms.ApplyOnnxModel("Logits", "Features", "classifier.onnx"))
    ///     .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Logits"))
    ///     .Fit(train);
    /// using var whole = ml.Adversarial().LoadNetwork(featurized, new NetworkFileOptions());
    /// var ofPipeline = ml.Adversarial().EvaluateRobustness(whole, test, new PgdAttack(Budget.LInf(8)));
    /// </code>
    /// </example>
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
    /// <example>
    /// <code>
    /// var verified = ml.Adversarial().Verify("model.zip");
    /// Console.WriteLine($"{verified.Kind}, written by version {verified.LibraryVersion}, SHA-256 {verified.Hash}");
    /// </code>
    /// </example>
    public VerifiedFile Verify(string path) => FileVerification.Verify(ml, Require.NotEmpty(path, nameof(path)));

    /// <summary>
    /// Tells what a file of weights or a checkpoint holds, without making a network of it: tensors, the network where the file says it, and of a checkpoint how far the training was and everything that decides it. A
    /// file of this library is checked first, as <see cref="Verify"/> does.
    /// </summary>
    /// <param name="path">A checkpoint, or a safetensors file of any program.</param>
    /// <returns>What the file says.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is neither, or is damaged.</exception>
    /// <example>
    /// <code>
    /// var facts = ml.Adversarial().DescribeWeights("weights.safetensors");
    /// Console.WriteLine($"{facts.Tensors.Count} tensors, {facts.Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.Numbers):n0} parameters");
    /// </code>
    /// </example>
    public WeightsFacts DescribeWeights(string path) => WeightsFacts.Of(ml, Require.NotEmpty(path, nameof(path)));
}

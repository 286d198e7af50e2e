using System.Text;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Files of weights and checkpoints say what they hold, without a network.</summary>
public sealed class WeightsFactsTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 4);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void Weights_and_checkpoint_of_a_run_tell_the_same_network_by_the_same_names()
    {
        var (weightsPath, directory) = (Path.Combine(pictures.Folder, "weights.safetensors"), Path.Combine(pictures.Folder, "checkpoints"));
        var view = FeaturePipelines.Images(ml).Append(ml.Transforms.Conversion.MapValueToKey("Label")).Fit(pictures.View(ml)).Transform(pictures.View(ml));
        using var model = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
        {
            FeatureColumnName = FeaturePipelines.Pixels,
            Backbone = new ResNet(8) { Width = 2 },
            Normalization = Normalization.MixtureBatch,
            Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 1 }) { CleanRatio = 1 },
            Epochs = 2,
            BatchSize = 4,
            Checkpoints = new CheckpointOptions(directory),
        }).Fit(view);
        model.SaveWeights(weightsPath);

        var weights = ml.Adversarial().DescribeWeights(weightsPath);
        var checkpoint = ml.Adversarial().DescribeWeights(Directory.GetFiles(directory).Order(StringComparer.Ordinal).Last());

        Assert.Equal(checkpoint.Tensors.Select(tensor => $"{tensor}"[..20] + tensor.Name + tensor.Numbers), weights.Tensors.Select(tensor => $"{tensor}"[..20] + tensor.Name + tensor.Numbers));
        Assert.Equal(weights.Description.Order(Names), checkpoint.Description.Where(entry => entry.Key.StartsWith("network", StringComparison.Ordinal)).Order(Names));
        Assert.Equal(("ResNet", "8", "2", "MixtureBatchNormalization"), (weights.Description["network.backbone"], weights.Description["network.backbone.depth"], weights.Description["network.backbone.width"], weights.Description["network.normalization"]));
        Assert.Null(weights.Checkpoint);
        Assert.Equal((2, 0, 3, 6), (checkpoint.Checkpoint!.Epoch, checkpoint.Checkpoint.Batch, checkpoint.Checkpoint.BatchesPerEpoch, checkpoint.Checkpoint.Updates));
        Assert.Equal("1", checkpoint.Description["method.clean ratio"]);
        Assert.True(checkpoint.Checkpoint.TrainingTime > TimeSpan.Zero);
        // Four sets of statistics stay out for each of the ten normalisations of a network of two domains: mean and variance of both, and the counts.
        Assert.DoesNotContain(weights.Tensors, tensor => tensor.IsParameter && tensor.Name.Contains("running", StringComparison.Ordinal));
        Assert.Equal(["int64"], weights.Tensors.Where(tensor => tensor.Name.EndsWith("tracked", StringComparison.Ordinal)).Select(tensor => tensor.NumberType).Distinct());
    }

    [Fact]
    public void A_saved_model_is_refused_with_who_reads_it()
    {
        var path = Path.Combine(pictures.Folder, "model.zip");
        ml.Model.Save(FeaturePipelines.Images(ml).Fit(pictures.View(ml)), pictures.View(ml).Schema, path);

        var exception = Assert.Throws<InvalidDataException>(() => ml.Adversarial().DescribeWeights(path));

        Assert.Contains("LoadNetwork reads a model.zip", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Only what carries a hash is taken at its word.</summary>
    [Fact]
    public void What_another_programs_file_says_of_a_network_is_not_repeated()
    {
        var path = Path.Combine(pictures.Folder, "foreign.safetensors");
        var header = """{"__metadata__":{"network.backbone":"VGG"},"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}""";
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[12]]);

        var facts = ml.Adversarial().DescribeWeights(path);

        Assert.Empty(facts.Description);
        var tensor = Assert.Single(facts.Tensors);
        Assert.Equal(("a", "float16", 6, true), (tensor.Name, tensor.NumberType, tensor.Numbers, tensor.IsParameter));
    }

    private static Comparer<KeyValuePair<string, string>> Names { get; } = Comparer<KeyValuePair<string, string>>.Create((left, right) => string.CompareOrdinal(left.Key, right.Key));
}

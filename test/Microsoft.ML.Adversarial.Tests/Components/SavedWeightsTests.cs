using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Weights that a fitted model writes, and models that start from them.</summary>
public sealed class SavedWeightsTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 4);
    private readonly string folder = Directory.CreateTempSubdirectory("weights-").FullName;
    private readonly MLContext ml = new(seed: 1);
    private readonly IDataView view;

    public SavedWeightsTests() => view = DomainModels.Prepared(ml, pictures);

    private string FilePath => Path.Combine(folder, "weights.safetensors");

    public void Dispose()
    {
        pictures.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_model_that_starts_from_saved_weights_and_learns_nothing_scores_and_saves_the_same()
    {
        var log = new List<string>();
        ml.Log += (_, message) => log.Add(message.Message);
        using var model = DomainModels.Fit(ml, view, DomainModels.Options);
        model.SaveWeights(FilePath);

        using var again = DomainModels.Fit(ml, view, DomainModels.Options with
        {
            Seed = 99,
            InitialWeights = FilePath,
            MaximumTrainingTime = TimeSpan.FromTicks(1),
            WhenStopped = StoppedTraining.ReturnModel,
        });

        Assert.Equal(DomainModels.Scores(model, view), DomainModels.Scores(again, view));
        again.SaveWeights(FilePath + "2");
        Assert.Equal(File.ReadAllBytes(FilePath), File.ReadAllBytes(FilePath + "2"));
        Assert.Contains(log, message => message.Contains($"Starting from '{FilePath}': all 101 tensors fit.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ImageDomain.Clean)]
    [InlineData(ImageDomain.Adversarial)]
    public void A_domain_of_a_mixture_is_saved_as_a_batch_network_with_its_outputs(ImageDomain domain)
    {
        using var model = DomainModels.Fit(ml, view, DomainModels.Options);

        model.SaveWeights(FilePath, domain);

        using var scope = NewDisposeScope();
        using var expected = model.WithDomain(domain);
        using var network = new ImageNetwork(
            new NetworkArchitecture { Backbone = DomainModels.Options.Backbone, Image = model.Format.Shape, ClassCount = model.ClassNames.Count }, CPU);
        Assert.Equal("all 56 tensors fit", $"{InitialWeightsFile.Read(FilePath, network)}");
        using var frozen = network.Freeze(ImageDomain.Clean);
        var images = DomainModels.Images(view);
        Assert.Equal(expected.Network.Logits(images).data<float>(), frozen.Logits(images).data<float>());
    }

    [Fact]
    public void Where_domains_are_not_told_apart_a_domain_changes_nothing()
    {
        using var model = DomainModels.Fit(ml, view, DomainModels.Options with { Normalization = Normalization.Group with { Groups = 2 }, Epochs = 1 });

        model.SaveWeights(FilePath);
        model.SaveWeights(FilePath + "2", ImageDomain.Clean);

        Assert.Equal(File.ReadAllBytes(FilePath), File.ReadAllBytes(FilePath + "2"));
    }

    [Fact]
    public void Saving_leaves_no_tensor_and_no_unfinished_file_behind()
    {
        using var model = DomainModels.Fit(ml, view, DomainModels.Options with { Epochs = 1 });
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        model.SaveWeights(FilePath, ImageDomain.Clean);
        model.SaveWeights(FilePath);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal([FilePath], Directory.GetFiles(folder));
    }

    [Fact]
    public void What_cannot_be_saved_is_refused_and_writes_nothing()
    {
        var model = DomainModels.Fit(ml, view, DomainModels.Options with { Method = new PlainTraining(), Epochs = 1 });

        var untrained = Assert.Throws<InvalidOperationException>(() => model.SaveWeights(FilePath, ImageDomain.Adversarial));
        Assert.StartsWith("The Adversarial domain of ResNet-8 (MixtureBatch", untrained.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.SaveWeights(FilePath, (ImageDomain)7));
        Assert.Throws<ArgumentException>(() => model.SaveWeights(""));
        Assert.Throws<DirectoryNotFoundException>(() => model.SaveWeights(Path.Combine(folder, "none", "weights.safetensors")));
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.SaveWeights(FilePath));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Weights_that_do_not_exist_are_refused_before_any_image_is_read()
    {
        foreach (var row in pictures.Rows)
            File.Delete(row.Path);

        var refused = Assert.Throws<FileNotFoundException>(() => DomainModels.Fit(ml, view, DomainModels.Options with { InitialWeights = FilePath }));

        Assert.Equal($"InitialWeights names the file '{FilePath}', which does not exist.", refused.Message);
    }
}

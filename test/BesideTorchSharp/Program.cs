using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;
using TorchSharp;

// One process with this library and ML.NET's own trainers on torch. Those begin with weights from the network, which tests do without: their network is made as they make it.
var ml = new MLContext(seed: 1);
_ = ml.MulticlassClassification.Trainers.TextClassification();
var theirs = Classify();
var rows = Enumerable.Range(0, 8).Select(index => new Row { Label = $"{index % 2}", Features = [.. Enumerable.Range(0, 64).Select(pixel => (float)((pixel * (index % 2 + 1) * 5) % 256))] }).ToList();
var view = ml.Data.LoadFromEnumerable(rows);
using var model = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
    {
        Backbone = new ResNet(8) { Width = 4 },
        ImageShape = new ImageShape(1, 8, 8),
        Epochs = 2,
        BatchSize = 4,
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 2 }),
    }))
    .Fit(view);
var robustness = ml.Adversarial().EvaluateRobustness(model, view, new PgdAttack(Budget.LInf(8)) { Steps = 2 });
using var process = Process.GetCurrentProcess();
var torches = process.Modules.Cast<ProcessModule>().Select(module => module.FileName).Where(name => Path.GetFileNameWithoutExtension(name).EndsWith("torch_cpu", StringComparison.Ordinal)).Distinct().Count();
Console.WriteLine($"{robustness.Examples} images attacked, {torches} libtorch, their classifier: {theirs}");

// The network of Microsoft.ML.TorchSharp's text classification, with weights drawn at random.
string Classify()
{
    torch.random.manual_seed(1);
    using var noGradient = torch.no_grad();
    var constructor = typeof(TorchSharpCatalog).Assembly.GetType("Microsoft.ML.TorchSharp.NasBert.Models.ModelForPrediction", throwOnError: true)!.GetConstructors().Single();
    var options = Activator.CreateInstance(constructor.GetParameters()[0].ParameterType, nonPublic: true);
    var (padding, symbols, classes) = (1, 200, 3);
    using var network = (torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor>)constructor.Invoke([options, padding, symbols, classes]);
    network.eval();
    try
    {
        using var scores = network.call(torch.arange(2, 18).reshape(2, 8), null!);
        return $"[{string.Join(", ", scores.shape)}]";
    }
    catch (InvalidOperationException exception)
    {
        return exception.Message;
    }
}

internal sealed class Row
{
    public string Label { get; set; } = "";

    [VectorType(64)]
    public float[] Features { get; set; } = [];
}

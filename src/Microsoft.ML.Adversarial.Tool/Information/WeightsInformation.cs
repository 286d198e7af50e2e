using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML.Adversarial;

namespace AdversarialTool.Information;

/// <summary>What a file of weights or a checkpoint says, in the words of the verb.</summary>
/// <param name="facts">From the file.</param>
/// <param name="add">Takes what is told: the name, the text for people, the value for programs, and their name for it where it is another.</param>
internal sealed class WeightsInformation(WeightsFacts facts, Action<string, string, JsonNode, string?> add)
{
    public void Tell()
    {
        TellNetwork();
        TellTensors();
        if (facts.Checkpoint is { } checkpoint)
        {
            TellTraining();
            TellPosition(checkpoint);
        }
        if (facts.Description.Count > 0)
            add("more", $"{facts.Description.Count} names and values with --json", new JsonObject([.. facts.Description.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))]), "description");
    }

    private void TellNetwork()
    {
        if (Said("network.backbone") is not { } backbone)
        {
            add("network", "the file does not say", "", null);
            return;
        }
        var width = Said("network.backbone.width") ?? (backbone == "ResNet" ? FirstChannels() : null);
        var parts = new[] { backbone, With("depth", Said("network.backbone.depth")), With("width", width) };
        add("network", string.Join(", ", parts.OfType<string>()), Whole(new() { ["backbone"] = backbone, ["depth"] = Said("network.backbone.depth"), ["width"] = width }), null);
        Add("normalization", Said("network.normalization"));
        if (Said("network.classes") is { } classes)
            add("classes", classes, int.Parse(classes, CultureInfo.InvariantCulture), "classCount");
        if ((Said("network.channels"), Said("network.height"), Said("network.width")) is ({ } channels, { } height, { } breadth))
            add("images", $"{channels} x {height} x {breadth}", Whole(new() { ["channels"] = channels, ["height"] = height, ["width"] = breadth }), null);
        if ((Said("network.pixels.mean"), Said("network.pixels.deviation")) is ({ } mean, { } deviation))
            add("pixels", $"mean {mean}, deviation {deviation}", new JsonObject { ["mean"] = mean, ["deviation"] = deviation }, null);

        static string? With(string name, string? value) => value is null ? null : $"{name} {value}";
    }

    private void TellTensors()
    {
        var types = string.Join(", ", facts.Tensors.Select(tensor => tensor.NumberType).Distinct().Order(StringComparer.Ordinal));
        var parameters = facts.Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.Numbers);
        add("tensors", facts.Tensors.Count.ToString("n0", CultureInfo.InvariantCulture), facts.Tensors.Count, null);
        add("parameters", parameters.ToString("n0", CultureInfo.InvariantCulture), parameters, null);
        add("numbers", types, types, null);
    }

    private void TellTraining()
    {
        var attack = Said("method.attack") is { } kind ? $" against {kind}" : "";
        var within = (Said("method.attack.budget"), Said("method.attack.steps")) is ({ } budget, { } steps) ? $", {steps} steps" : "";
        if (Said("method") is { } method)
            add("method", $"{method}{attack}{within}", method, null);
        if ((Said("crafting precision"), Said("update precision")) is ({ } crafting, { } updating))
            add("precision", $"crafting {crafting}, updates {updating}", new JsonObject { ["crafting"] = crafting, ["updates"] = updating }, null);
        Add("seed", Said("seed"));
    }

    private void TellPosition(CheckpointFacts checkpoint)
    {
        var all = Said("number of epochs") is { } epochs ? $" of {epochs}" : "";
        var within = checkpoint.Batch > 0 ? $", and {checkpoint.Batch} of {checkpoint.BatchesPerEpoch} batches" : "";
        add("epochs done", $"{checkpoint.Epoch}{all}{within}", new JsonObject { ["epoch"] = checkpoint.Epoch, ["batch"] = checkpoint.Batch, ["batchesPerEpoch"] = checkpoint.BatchesPerEpoch, ["updates"] = checkpoint.Updates }, "position");
        add("training time", $"{checkpoint.TrainingTime:d\\.hh\\:mm\\:ss}, {checkpoint.Updates} updates", checkpoint.TrainingTime.TotalSeconds, "trainingSeconds");
        var metrics = checkpoint.ValidatedEpochs;
        if (metrics.Count > 0)
            add(
                "validation", string.Join("; ", metrics.TakeLast(3).Select(Text)) + (metrics.Count > 3 ? $"; {metrics.Count - 3} epochs before" : ""),
                new JsonArray([.. metrics.Select(epoch => new JsonObject { ["epoch"] = epoch.Epoch, ["loss"] = epoch.Loss, ["clean"] = epoch.CleanAccuracy, ["robust"] = epoch.RobustAccuracy, ["images"] = epoch.Examples })]), null);

        static string Text(EpochMetrics epoch) => string.Create(
            CultureInfo.InvariantCulture, $"epoch {epoch.Epoch}: {epoch.CleanAccuracy * 100:f1} % clean, {epoch.RobustAccuracy * 100:f1} % attacked of {epoch.Examples}");
    }

    /// <summary>Those that the first convolution makes: the width of a residual network that was left to its usual one.</summary>
    private string? FirstChannels() => facts.Tensors.FirstOrDefault(tensor => tensor.Shape.Count == 4)?.Shape[0].ToString(CultureInfo.InvariantCulture);

    /// <returns>Null where the file does not say it, or says that it was left out.</returns>
    private string? Said(string name) => facts.Description.GetValueOrDefault(name) is { } value && value != "none" ? value : null;

    private void Add(string name, string? value)
    {
        if (value is not null)
            add(name, value, value, null);
    }

    /// <summary>Whole numbers as numbers, nothing as null.</summary>
    private static JsonObject Whole(Dictionary<string, string?> values) => new(values.Select(entry => KeyValuePair.Create(
        entry.Key, int.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (JsonNode)number : (JsonNode?)entry.Value)));
}

using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A run at one moment, as one zip: <c>manifest.json</c>, <c>weights.safetensors</c> with torchvision's names, <c>momentum.safetensors</c> with the same, <c>best.safetensors</c> where a selection keeps the best weights,
/// <c>averaged.safetensors</c> where weights are averaged, and <c>memory.safetensors</c> where the method keeps something. Randomness has no state to keep: every stream is drawn from the seed and the position.
/// </summary>
internal static class Checkpoint
{
    private const int FormatVersion = 2;

    private const long LargestManifest = 1 << 20;

    private const string Manifest = "manifest.json", WeightsName = "weights.safetensors";

    private const string Memory = "memory.safetensors";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <param name="stream">Receives the file, its only content; can be sought and stays open.</param>
    /// <param name="identity">Everything that decides the run: a checkpoint goes on only in a run that agrees.</param>
    /// <param name="state">The run.</param>
    public static void Write(Stream stream, Identity identity, TrainingState state)
    {
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.Comment = Seal.Blank;
            WriteParts(zip, identity, state);
        }
        Seal.Set(stream);
    }

    private static void WriteParts(ZipArchive zip, Identity identity, TrainingState state)
    {
        using (var entry = zip.CreateEntry(Manifest).Open())
            JsonSerializer.Serialize(entry, new ManifestContent(FormatVersion, identity.Entries.ToDictionary(StringComparer.Ordinal), state.Position, state.Network.TrainedDomains), Json);
        var memory = state.Memory.Named;
        foreach (var (name, tensors) in Parts(state).Concat(memory.Count > 0 ? [(Memory, memory)] : []))
        {
            // Weights hardly compress, and time counts.
            using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            SafeTensors.Write(entry, tensors);
        }
    }

    /// <summary>Puts a run back to the moment of the checkpoint. Nothing of it changes before manifest and headers have been checked.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint, is damaged, or belongs to another run: the message names what differs.</exception>
    public static void Read(string file, Identity identity, TrainingState state)
    {
        var manifest = Readable(file, ReadManifest);
        if (Identity.Difference([.. manifest.Identity!], identity.Entries) is { } difference)
            throw new InvalidDataException($"'{file}' belongs to another run: {difference}. Go on with what it was made with, or choose another directory.");
        Readable(file, zip =>
        {
            var parts = Parts(state).ToList();
            foreach (var (name, tensors) in parts)
                if (!Shapes(Header(zip, name).Entries.Select(entry => (entry.Name, entry.Shape))).SetEquals(Shapes(tensors.Select(entry => (entry.Name, entry.Tensor.shape)))))
                    throw new InvalidDataException($"{name} does not fit {state.Network.Architecture}.");
            // A method asks for its memory when it needs it; until then only the file knows of it.
            if (zip.GetEntry(Memory) is not null)
                parts.Add((Memory, [.. Header(zip, Memory).Entries.Select(entry => (entry.Name, state.Memory.Of(entry.Name, entry.Shape)))]));
            foreach (var (name, tensors) in parts)
                ReadTensors(zip, name, tensors.ToDictionary(entry => entry.Name, entry => entry.Tensor, StringComparer.Ordinal));
            return parts.Count;
        });
        foreach (var domain in manifest.TrainedDomains!.Where(Enum.IsDefined))
            state.Network.MarkSeen(domain);
        state.Position = manifest.Position!;
    }

    /// <summary>What a checkpoint says of itself: how far the run was, what decides it, and the tensors of its network.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or is damaged.</exception>
    public static (TrainingPosition Position, IReadOnlyDictionary<string, string> Identity, SafeTensorsHeader Weights) Describe(string file) => Readable(file, zip =>
    {
        var manifest = ReadManifest(zip);
        return (manifest.Position!, manifest.Identity!, Header(zip, WeightsName));
    });

    /// <summary>The seed of the run that wrote a checkpoint.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or is damaged.</exception>
    public static Seed SeedOf(string file) => new((ulong)Stated(file, RunIdentity.SeedName, text =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) ? seed : (long?)null));

    /// <summary>In which precision the run that wrote a checkpoint crafts.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or is damaged.</exception>
    public static Precision CraftingPrecisionOf(string file) => Stated(file, TrainingOptions.CraftingPrecisionName, text =>
        Enum.TryParse<Precision>(text, out var precision) ? precision : (Precision?)null);

    private static T Stated<T>(string file, string name, Func<string?, T?> parse)
        where T : struct =>
        Readable(file, zip => parse(ReadManifest(zip).Identity!.GetValueOrDefault(name)) ?? throw new InvalidDataException($"its manifest states no {name}."));

    /// <summary>All tensors of a run, by their place in the file.</summary>
    private static IEnumerable<(string Name, IReadOnlyList<(string Name, Tensor Tensor)> Tensors)> Parts(TrainingState state)
    {
        yield return (WeightsName, Named(state.Network));
        yield return ("momentum.safetensors", [.. state.Network.named_parameters().Select(entry => entry.name).Zip(state.Optimizer.Velocities)]);
        if (state.Best is { } best)
            yield return ("best.safetensors", best.Snapshot.Named);
        if (state.Average is { } average)
            yield return ("averaged.safetensors", Named(average.Network));

        static IReadOnlyList<(string, Tensor)> Named(ImageNetwork network) => [.. network.state_dict().Select(entry => (entry.Key, entry.Value))];
    }

    /// <summary>Whatever is wrong with the file itself is said with its name.</summary>
    private static T Readable<T>(string file, Func<ZipArchive, T> read)
    {
        using var stream = File.OpenRead(file);
        Seal.Demand(stream, file);
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            return read(zip);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidDataException)
        {
            throw new InvalidDataException($"'{file}' is no readable checkpoint: {exception.Message}", exception);
        }
    }

    private static ManifestContent ReadManifest(ZipArchive zip)
    {
        var entry = Entry(zip, Manifest);
        if (entry.Length > LargestManifest)
            throw new InvalidDataException($"{Manifest} takes {entry.Length} bytes; expected at most {LargestManifest}.");
        using var stream = entry.Open();
        var manifest = JsonSerializer.Deserialize<ManifestContent>(stream, Json) ?? throw new InvalidDataException($"{Manifest} is empty.");
        if (manifest.FormatVersion != FormatVersion)
            throw new InvalidDataException($"it has format version {manifest.FormatVersion}; this library reads version {FormatVersion}.");
        if (manifest is not { Identity: not null, Position.History: not null, TrainedDomains: not null } || manifest.Position.History.Contains(null!) || manifest.Identity.ContainsValue(null!))
            throw new InvalidDataException($"{Manifest} lacks its identity, position or trained domains.");
        if (manifest.Position is not { Epoch: >= 0, Batch: >= 0, BatchesPerEpoch: > 0, Updates: >= 0, AveragedEpochs: >= 0 })
            throw new InvalidDataException($"it stands at epoch {manifest.Position.Epoch}, batch {manifest.Position.Batch} of {manifest.Position.BatchesPerEpoch}, after {manifest.Position.Updates} updates, {manifest.Position.AveragedEpochs} epochs averaged; expected none below zero.");
        return manifest;
    }

    private static SafeTensorsHeader Header(ZipArchive zip, string name)
    {
        var entry = Entry(zip, name);
        using var stream = entry.Open();
        return SafeTensorsHeader.Read(stream, entry.Length, name);
    }

    private static void ReadTensors(ZipArchive zip, string name, Dictionary<string, Tensor> tensors)
    {
        var entry = Entry(zip, name);
        using var stream = entry.Open();
        SafeTensors.Read(stream, SafeTensorsHeader.Read(stream, entry.Length, name), name, (tensor, numbers) => tensors[tensor.Name].copy_(numbers));
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name) => zip.GetEntry(name) ?? throw new InvalidDataException($"it has no {name}.");

    private static HashSet<string> Shapes(IEnumerable<(string Name, long[] Shape)> tensors) =>
        [.. tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]")];

    private sealed record ManifestContent(int FormatVersion, Dictionary<string, string>? Identity, TrainingPosition? Position, IReadOnlyCollection<ImageDomain>? TrainedDomains);
}

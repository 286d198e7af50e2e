using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A file of weights under the names of a network, whoever named them: wrappers' prefixes are left out, names of other families of code become ours (<see cref="NamingFamily"/>), and what a
/// file says of its pixels is no weight. A name that nothing here is about stays as it is, and is then one too many.
/// </summary>
internal sealed class RenamedWeightsFile : WeightsFile
{
    /// <summary>What wrappers put before all names: DataParallel, RobustBench's and others' models that hold a network.</summary>
    private const string Wrapper = @"^((module|model|backbone|net)\.)+";

    /// <summary>What is subtracted from pixels, and what they are divided by, under the names of RobustBench's models, of torchvision-like wrappers and of the package robustness.</summary>
    private const string PixelMean = @"^(normali[sz]\w*\.)?(mean|mu|new_mean)$", PixelDeviation = @"^(normali[sz]\w*\.)?(std|sigma|new_std)$";

    private readonly WeightsFile file;

    /// <summary>Ours by theirs.</summary>
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    private readonly Dictionary<string, bool> isWeight = new(StringComparer.Ordinal);

    /// <param name="file">Is disposed with this one.</param>
    /// <param name="network">Not changed; may be on the meta device.</param>
    public RenamedWeightsFile(WeightsFile file, ImageNetwork network)
    {
        this.file = file;
        var ours = network.state_dict().Keys.SelectMany(name => new[] { name, DomainNames.Without(name) }).ToHashSet(StringComparer.Ordinal);
        NamingFamily[] families = [.. network.Architecture.Backbone.OtherNames.DefaultIfEmpty(new NamingFamily(""))];
        Family = families.MaxBy(family => file.Shapes.Keys.Count(name => ours.Contains(family.NameOf(Unwrapped(name)))))!;
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        // Those that have their name already come first, so that no other one takes it.
        foreach (var (theirs, shape) in file.Shapes.OrderBy(entry => ours.Contains(entry.Key) ? 0 : 1))
        {
            var name = Family.NameOf(Unwrapped(theirs));
            if (ours.Contains(theirs) || !ours.Contains(name) || shapes.ContainsKey(name))
                name = theirs;
            shapes.Add(name, shape);
            names.Add(theirs, name);
            isWeight.Add(name, file.IsWeight(theirs) && (ours.Contains(name) || !IsUnused(Unwrapped(theirs), shape.Aggregate(1L, (product, size) => product * size), network.Architecture.Image.Channels)));
        }
        Shapes = shapes;
    }

    /// <summary>Whose names it has.</summary>
    public NamingFamily Family { get; }

    public override IReadOnlyDictionary<string, long[]> Shapes { get; }

    public override bool IsWeight(string name) => isWeight[name];

    public override void Read(Action<string, Tensor> use) => file.Read((theirs, tensor) => use(names[theirs], tensor));

    /// <summary>How the file's network takes pixels; null where it does not say.</summary>
    /// <exception cref="InvalidDataException">As no network takes them.</exception>
    public PixelNormalization? ReadPixels()
    {
        if (Find(PixelMean) is not { } mean || Find(PixelDeviation) is not { } deviation)
            return null;
        var numbers = new Dictionary<string, double[]>(StringComparer.Ordinal);
        file.Read((theirs, tensor) =>
        {
            if (theirs == mean || theirs == deviation)
                numbers.Add(theirs, [.. tensor.to(float32).flatten().data<float>().Select(value => (double)value)]);
        });
        try
        {
            return new PixelNormalization(numbers[mean], numbers[deviation]);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidDataException($"'{mean}' and '{deviation}' are no mean and deviation of pixels: {wrong.Message}", wrong);
        }
    }

    public override void Dispose() => file.Dispose();

    private static string Unwrapped(string name) => Regex.Replace(name, Wrapper, "", RegexOptions.CultureInvariant);

    private bool IsUnused(string name, long count, int channels) =>
        ((Is(name, PixelMean) || Is(name, PixelDeviation)) && (count == 1 || count == channels)) || (Family.Unused is { } unused && Is(name, unused));

    private string? Find(string pattern) => file.Shapes.Keys.FirstOrDefault(name => names[name] == name && !isWeight[name] && Is(Unwrapped(name), pattern));

    private static bool Is(string name, string pattern) => Regex.IsMatch(name, pattern, RegexOptions.CultureInvariant);
}

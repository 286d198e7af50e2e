using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Adversarial;

/// <summary>How others name the weights of a network that is here: rules that make a name of theirs one of ours.</summary>
/// <param name="Whose">For messages.</param>
/// <param name="Rules">Tried in turn; the first whose pattern the name matches makes ours of it, by what the pattern finds.</param>
internal sealed record NamingFamily(string Whose, params (string Pattern, Func<Match, string> Name)[] Rules)
{
    private static readonly NamingFamily Own = new("this library");

    /// <summary>Why the weights of a network are none of this one in spite of their names; null where they are.</summary>
    public Func<Backbone, string?> Refusal { get; init; } = _ => null;

    /// <summary>Their tensors that no image passes.</summary>
    public string? Unused { get; init; }

    /// <summary>kuangliu/pytorch-cifar, models/resnet.py, and RobustBench's ResNet.</summary>
    public static IReadOnlyList<NamingFamily> OfResNet { get; } =
    [
        Own,
        new NamingFamily(
            "pytorch-cifar",
            (@"^(layer\d+\.\d+)\.shortcut\.([01]\..*)$", found => $"{found.Groups[1]}.downsample.{found.Groups[2]}"),
            (@"^linear\.(.*)$", found => $"fc.{found.Groups[1]}")),
    ];

    /// <summary>Its own names are those of kuangliu/pytorch-cifar, models/preact_resnet.py, with the last normalisation of Rice et al. 2020.</summary>
    public static IReadOnlyList<NamingFamily> OfPreActResNet { get; } = [Own];

    /// <summary>Its own names are those of yaodongyu/TRADES, models/wideresnet.py; the other ones those of deepmind-research, adversarial_robustness/pytorch/model_zoo.py.</summary>
    public static IReadOnlyList<NamingFamily> OfWideResNet { get; } =
    [
        // TRADES makes a second first stage and does not use it.
        Own with { Unused = @"^sub_block1\." },
        new NamingFamily(
            "DeepMind",
            (@"^layer\.([0-2])\.block\.(\d+)\.(batchnorm|conv)_([01])\.(.*)$", found =>
                $"block{Next(found.Groups[1])}.layer.{found.Groups[2]}.{(found.Groups[3].Value == "conv" ? "conv" : "bn")}{Next(found.Groups[4])}.{found.Groups[5]}"),
            (@"^layer\.([0-2])\.block\.(\d+)\.shortcut\.(.*)$", found => $"block{Next(found.Groups[1])}.layer.{found.Groups[2]}.convShortcut.{found.Groups[3]}"),
            (@"^init_conv\.(.*)$", found => $"conv1.{found.Groups[1]}"),
            (@"^batchnorm\.(.*)$", found => $"bn1.{found.Groups[1]}"),
            (@"^logits\.(.*)$", found => $"fc.{found.Groups[1]}"))
        {
            Refusal = backbone => backbone is WideResNet { PadsAtEnd: false } ? "whose convolutions of stride 2 have their zeros below and at the right alone; expected a WideResNet with PadsAtEnd = true" : null,
        },
    ];

    /// <summary>Ours for a name of theirs; itself where no rule is about it.</summary>
    public string NameOf(string theirs)
    {
        foreach (var (pattern, name) in Rules)
            if (Regex.Match(theirs, pattern, RegexOptions.CultureInvariant) is { Success: true } found)
                return name(found);
        return theirs;
    }

    private static string Next(Group number) => (int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
}

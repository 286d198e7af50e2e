using System.Globalization;

namespace Microsoft.ML.Adversarial;

/// <summary>One network for an experiment to train: a candidate of a <see cref="DepthExperiment"/>, or a trial that another search asks for.</summary>
/// <param name="Depth">Layers with weights on the longest path; see <see cref="ResNet.Depth"/>.</param>
public sealed record DepthTrial(int Depth)
{
    /// <summary>Channels of the first stage.</summary>
    /// <value>Default null: as the experiment's training options say; otherwise from 1 to 1024.</value>
    public int? Width { get; init => field = value is { } width ? Require.InRange(width, 1, 1024) : null; }

    /// <summary>How activations are normalised.</summary>
    /// <value>Default null: as the experiment's training options say.</value>
    public Normalization? Normalization { get; init; }

    /// <summary>Whether it is trained on clean images alone, for comparison.</summary>
    /// <value>Default false.</value>
    public bool IsPlain { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var particulars = new List<string>();
        if (Width is { } width)
            particulars.Add(string.Create(CultureInfo.InvariantCulture, $"width {width}"));
        if (Normalization is not null)
            particulars.Add(Normalization.ToString()!);
        return $"{(IsPlain ? "plain " : "")}ResNet-{Depth}{(particulars.Count > 0 ? $" ({string.Join(", ", particulars)})" : "")}";
    }

    /// <summary>For the folder of its checkpoints.</summary>
    internal string FolderName => string.Concat(ToString().ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).TrimEnd('-');
}

using System.Globalization;

namespace Microsoft.ML.Adversarial;

/// <summary>One network for an experiment to train: a candidate of a <see cref="DepthExperiment"/>, or a trial that another search asks for.</summary>
public sealed record DepthTrial : Described
{
    /// <summary>A trial of the experiment's backbone.</summary>
    /// <param name="depth">Which depth of it; see <see cref="Backbone.WithDepth"/>.</param>
    public DepthTrial(int depth) => Depth = depth;

    /// <summary>Layers with weights on the longest path, as the backbone counts them.</summary>
    public int Depth { get; }

    /// <summary>Channels of the first stage.</summary>
    /// <value>Default null: as the experiment's training options say; otherwise from 1 to 1024.</value>
    public int? Width { get; init => field = value is { } width ? Require.InRange(width, 1, 1024) : null; }

    /// <summary>How activations are normalised.</summary>
    /// <value>Default null: as the experiment's training options say.</value>
    public Normalization? Normalization { get; init; }

    /// <summary>How it is trained.</summary>
    /// <value>Default null: as the experiment's training options say. One without an attack is trained for comparison: it is judged by its clean accuracy and never the best run.</value>
    public TrainingMethod? Method { get; init; }

    /// <summary>What people call the network; null where the trial was not made by an experiment.</summary>
    internal string? NetworkName { get; init; }

    internal bool IsForComparison => Method is { Attack: null };

    /// <summary>For the directory of its checkpoints.</summary>
    internal string DirectoryName => string.Create(CultureInfo.InvariantCulture, $"depth-{Depth}{(IsForComparison ? "-plain" : "")}-{Identity.Hash}");

    /// <inheritdoc/>
    public override string ToString()
    {
        var particulars = new List<string>();
        if (Width is { } width)
            particulars.Add(string.Create(CultureInfo.InvariantCulture, $"width {width}"));
        if (Normalization is not null)
            particulars.Add(Normalization.ToString()!);
        if (Method is not null && !IsForComparison)
            particulars.Add(Method.ToString()!);
        var name = NetworkName ?? string.Create(CultureInfo.InvariantCulture, $"depth {Depth}");
        return $"{(IsForComparison ? "plain " : "")}{name}{(particulars.Count > 0 ? $" ({string.Join(", ", particulars)})" : "")}";
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("depth", Depth);
        identity.Add("width", Width);
        identity.Add("normalization", Normalization);
        identity.Add("method", Method);
    }
}

namespace Microsoft.ML.AutoML;

// The members of AutoML's public types that the README's adapter touches, as version 0.22 declares them, so that the adapter is compiled and run: the package is no
// dependency of this project.

public interface ITrialRunner : IDisposable
{
    Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct);
}

public sealed class TrialSettings
{
    public required Parameter Parameter { get; init; }
}

public sealed class Parameter(IReadOnlyDictionary<string, int> values)
{
    private readonly int value;

    private Parameter(int value)
        : this(new Dictionary<string, int>()) => this.value = value;

    public Parameter this[string name] => new(values[name]);

    public T AsType<T>() => (T)(object)value;
}

public sealed class TrialResult
{
    public TrialSettings? TrialSettings { get; init; }

    public ITransformer? Model { get; init; }

    public double Metric { get; init; }

    public double Loss { get; init; }

    public double DurationInMilliseconds { get; init; }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What a <see cref="Described"/> is: names and values in their order, nested, the same under any culture. Two identities are compared by all of them; the first difference
/// can be said in words.
/// </summary>
public sealed class Identity
{
    private const string Nothing = "none";

    private readonly List<(string Name, string Value)> entries = [];
    private readonly Type type;
    private bool saysMore;

    internal Identity(Type type)
    {
        this.type = type;
        Kind = type.Name;
    }

    /// <summary>The name of the described type.</summary>
    public string Kind { get; }

    /// <summary>Everything said, in the order in which it was said; of what is nested, the names behind the outer name and a dot.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Entries => [.. entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value))];

    /// <summary>The first described type, this or nested, that says nothing of its own and stands outside this library; null where there is none.</summary>
    internal string? Silent { get; private set; }

    /// <summary>16 hexadecimal digits of a hash of all of it.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))[..16];

    private string Text => string.Join('\n', entries.Select(entry => $"{entry.Name}={entry.Value}").Prepend(Kind));

    /// <summary>A number.</summary>
    /// <param name="name">Lower-case words, such as <c>batch size</c>.</param>
    /// <param name="value">The number; null where it is left to a default.</param>
    public void Add(string name, double? value) => Put(name, value?.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>A whole number.</summary>
    /// <param name="name">Lower-case words.</param>
    /// <param name="value">The number; null where it is left to a default.</param>
    public void Add(string name, long? value) => Put(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>A whole number.</summary>
    /// <param name="name">Lower-case words.</param>
    /// <param name="value">The number.</param>
    public void Add(string name, int value) => Add(name, (long?)value);

    /// <summary>Yes or no.</summary>
    /// <param name="name">Lower-case words.</param>
    /// <param name="value">Which.</param>
    public void Add(string name, bool value) => Put(name, value ? "yes" : "no");

    /// <summary>A text, or the name of a choice.</summary>
    /// <param name="name">Lower-case words.</param>
    /// <param name="value">The text; null for none.</param>
    public void Add(string name, string? value) => Put(name, value);

    /// <summary>One of an enumeration's values.</summary>
    /// <param name="name">Lower-case words.</param>
    /// <param name="value">Which; null for none.</param>
    public void Add(string name, Enum? value) => Put(name, value?.ToString());

    /// <summary>Numbers in their order.</summary>
    /// <param name="name">Lower-case words.</param>
    /// <param name="values">The numbers.</param>
    public void Add(string name, IEnumerable<double> values) =>
        Put(name, $"[{string.Join(", ", (values ?? []).Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]");

    /// <summary>Something described by itself.</summary>
    /// <param name="name">Lower-case words.</param>
    /// <param name="value">What it is; null for none.</param>
    public void Add(string name, Described? value)
    {
        if (value is null)
        {
            Put(name, null);
            return;
        }
        var nested = value.Identity;
        Put(name, nested.Kind);
        Silent ??= nested.Silent ?? nested.SilentItself;
        entries.AddRange(nested.entries.Select(entry => ($"{name}.{entry.Name}", entry.Value)));
    }

    /// <summary>Several described by themselves, in their order.</summary>
    /// <param name="name">Lower-case words, in the singular.</param>
    /// <param name="values">What they are.</param>
    public void Add(string name, IEnumerable<Described> values)
    {
        var number = 0;
        foreach (var value in values ?? [])
            Add(string.Create(CultureInfo.InvariantCulture, $"{name} {++number}"), value);
        Add($"{name} count", number);
    }

    /// <summary>Says that there is nothing more to say: a type without properties of its own.</summary>
    public void AddNothing() => saysMore = true;

    /// <summary>What a type of the library said on behalf of those derived from it ends here.</summary>
    internal void EndOfBase() => saysMore = false;

    /// <summary>The same without some of the names, at whatever depth, and what is nested in them; for comparing two that may differ in those alone.</summary>
    internal string TextWithout(params string[] names) =>
        string.Join('\n', entries.Where(entry => !entry.Name.Split('.').Any(names.Contains)).Select(entry => $"{entry.Name}={entry.Value}").Prepend(Kind));

    /// <returns>The first difference in words, such as <c>batch size is 64 there, 128 here</c>; null where there is none.</returns>
    internal static string? Difference(IReadOnlyList<KeyValuePair<string, string>> there, IReadOnlyList<KeyValuePair<string, string>> here)
    {
        var (theirs, ours) = (there.ToDictionary(StringComparer.Ordinal), here.ToDictionary(StringComparer.Ordinal));
        foreach (var name in ours.Keys.Union(theirs.Keys))
            if (theirs.GetValueOrDefault(name, Nothing) is var their && ours.GetValueOrDefault(name, Nothing) is var our && their != our)
                return $"its {name.Replace(".", ", ", StringComparison.Ordinal)} is {their} there, {our} here";
        return null;
    }

    /// <exception cref="ArgumentException">A type of a user's own, this or nested, says nothing of what it is.</exception>
    internal Identity Checked() => (Silent ?? SilentItself) is { } silent
        ? throw new ArgumentException($"{silent} does not say what it is, and a checkpoint or state file could not tell it from another. Override Describe in it, call base.Describe(identity), and add each property that matters to the identity, or identity.AddNothing() where there is none.")
        : this;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} ({string.Join("; ", entries.Select(entry => $"{entry.Name}: {entry.Value}"))})";

    private string? SilentItself => saysMore || type.Assembly == typeof(Identity).Assembly ? null : Kind;

    private void Put(string name, string? value)
    {
        Require.NotEmpty(name, nameof(name));
        if (entries.Any(entry => entry.Name == name))
            throw new ArgumentException($"{Kind} describes '{name}' twice; expected each name once.", nameof(name));
        saysMore = true;
        entries.Add((name, value ?? Nothing));
    }
}

namespace Microsoft.ML.Adversarial;

/// <summary>One thing for each domain, or the same thing for both.</summary>
internal sealed record ByDomain<T>(T Clean, T Adversarial)
    where T : class
{
    public bool IsShared => ReferenceEquals(Clean, Adversarial);

    public IEnumerable<T> Distinct => IsShared ? [Clean] : [Clean, Adversarial];

    public T this[ImageDomain domain] => domain == ImageDomain.Clean ? Clean : Adversarial;

    public static ByDomain<T> Create(bool isShared, Func<T> create)
    {
        var clean = create();
        return new ByDomain<T>(clean, isShared ? clean : create());
    }
}

/// <summary>The answer to an upload.</summary>
/// <param name="Class">The likeliest class.</param>
/// <param name="Probability">Its probability, in [0, 1].</param>
/// <param name="Others">The other classes with theirs, the likeliest first.</param>
internal sealed record Classification(string Class, float Probability, OrderedDictionary<string, float> Others);

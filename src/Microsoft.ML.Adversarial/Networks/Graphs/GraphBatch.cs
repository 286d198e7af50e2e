namespace Microsoft.ML.Adversarial;

/// <summary>How many images a graph takes at a time.</summary>
internal enum GraphBatch
{
    /// <summary>Any number, as its file says.</summary>
    Free,

    /// <summary>One, as its file says; here it takes any number all the same, since no size inside depends on it.</summary>
    Freed,

    /// <summary>One: sizes inside the file say so.</summary>
    OneByOne,
}

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What a graph may need of memory and time. It grows with the image and with the numbers that the file brings along: networks of any size stay below it, and a small file cannot ask for
/// much. Counted before a step is run.
/// </summary>
internal sealed class OnnxBudget
{
    /// <summary>Numbers of one value, for one image: whatever is larger of the least and so many times those of the image. The widest networks have some 20 times as many.</summary>
    private const double LeastOfValue = 1 << 21, ValueTimesImage = 64;

    /// <summary>Numbers of all values together, which a gradient keeps; for one image. timm's networks need up to some 3,000 times those of the image.</summary>
    private const double LeastOfAll = 1 << 25, AllTimesImage = 4096, AllTimesFile = 8;

    /// <summary>Values that are needed at the same time, in the largest of one.</summary>
    private const double ValuesAtOnce = 4;

    /// <summary>Numbers that follow from the file and from sizes: weights are turned and cast before they are used.</summary>
    private const double LeastOfConstants = 1 << 24, ConstantsTimesFile = 2;

    /// <summary>Multiplications and additions for one image: no weight is used much more often than there are pixels.</summary>
    private const double LeastWork = 2e9, WorkTimesFile = 4, FewPixels = 1024;

    private readonly double mostOfValue, mostOfAll, mostConstants, mostWork, images;
    private double all, live, constants, work;

    /// <param name="ofImage">The numbers of one image.</param>
    /// <param name="images">How many there are.</param>
    /// <param name="ofFile">The numbers that the file brings along.</param>
    public OnnxBudget(double ofImage, double images, double ofFile)
    {
        this.images = images;
        mostOfValue = Math.Max(LeastOfValue, ValueTimesImage * ofImage) + ofFile;
        mostOfAll = Math.Max(LeastOfAll, AllTimesImage * ofImage) + AllTimesFile * ofFile;
        mostConstants = LeastOfConstants + ConstantsTimesFile * ofFile;
        mostWork = LeastWork + WorkTimesFile * ofFile * Math.Max(FewPixels, ofImage);
    }

    /// <param name="numbers">At most so many the next step makes.</param>
    /// <param name="steps">Multiplications and additions for them.</param>
    /// <exception cref="InvalidDataException">It is more than networks need.</exception>
    public void Demand(double numbers, double steps)
    {
        Check(numbers, mostOfValue * images, "numbers in its result");
        Check(work += steps, mostWork * images, "multiplications up to here");
    }

    public void Make(double numbers)
    {
        Check(all += numbers, mostOfAll * images, "numbers in all values up to here");
        Check(live += numbers, ValuesAtOnce * mostOfValue * images, "numbers in values that are needed at the same time");
    }

    public void MakeConstant(double numbers) => Check(constants += numbers, mostConstants, "constant numbers up to here");

    public void Free(double numbers) => live -= numbers;

    private static void Check(double needed, double most, string what)
    {
        if (!(needed <= most))
            throw new InvalidDataException(FormattableString.Invariant($"{needed:g3} {what}; expected at most {most:g3}"));
    }
}

namespace Tooling.CommandLine;

/// <summary>Refuses an option by the name a person typed, with what was expected and what came; the library checks what is not checked here.</summary>
public static class OptionCheck
{
    /// <exception cref="ArgumentException">The number lies below the least one.</exception>
    public static void AtLeast(int least, int? value, string option, string what)
    {
        if (value < least)
            throw new ArgumentException($"{option} is {value}; expected at least {least} {what}.");
    }

    /// <exception cref="ArgumentException">The radius is neither 0 nor a sensible number of grey levels.</exception>
    public static void GreyLevels(double value, string option)
    {
        if (!(value is 0 or (>= 0.5 and <= 255)))
            throw new ArgumentException(FormattableString.Invariant($"{option} is {value}; expected grey levels, 0 or from 0.5 to 255.")
                + (value is > 0 and < 0.5 ? FormattableString.Invariant($" A radius of {value} on the scale of 0..1 is {option} {value * 255:0.##}.") : ""));
    }
}

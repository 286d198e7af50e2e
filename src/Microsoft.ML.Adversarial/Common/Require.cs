using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Adversarial;

/// <summary>The one place that refuses an argument; the message names the option, what was expected and what came.</summary>
internal static class Require
{
    public static int InRange(int value, int minimum, int maximum, [CallerMemberName] string option = "")
    {
        if (value < minimum || value > maximum)
            throw OutOfRange(option, FormattableString.Invariant($"from {minimum} to {maximum}"), value);
        return value;
    }

    /// <summary>Refuses NaN as well as what lies outside.</summary>
    public static double InRange(double value, double minimum, double maximum, [CallerMemberName] string option = "")
    {
        if (!(value >= minimum && value <= maximum))
            throw OutOfRange(option, FormattableString.Invariant($"from {minimum} to {maximum}"), value);
        return value;
    }

    public static double AboveZero(double value, double maximum, [CallerMemberName] string option = "")
    {
        if (!(value > 0 && value <= maximum))
            throw OutOfRange(option, FormattableString.Invariant($"above 0 and at most {maximum}"), value);
        return value;
    }

    public static T NotNull<T>([NotNull] T? value, [CallerMemberName] string option = "")
        where T : class =>
        value ?? throw new ArgumentNullException(option);

    public static TimeSpan AboveZero(TimeSpan value, TimeSpan maximum, [CallerMemberName] string option = "") =>
        AboveZero(value, option) <= maximum ? value : throw OutOfRange(option, $"at most {maximum}", value);

    public static TimeSpan AboveZero(TimeSpan value, [CallerMemberName] string option = "") =>
        value > TimeSpan.Zero ? value : throw OutOfRange(option, "a time above zero", value);

    public static string NotEmpty(string? value, [CallerMemberName] string option = "") =>
        string.IsNullOrWhiteSpace(value) ? throw new ArgumentException($"{option} must not be empty.", option) : value;

    /// <returns>A copy, which no one else changes.</returns>
    public static IReadOnlyList<T> NotEmpty<T>(IReadOnlyList<T>? values, [CallerMemberName] string option = "") =>
        NotNull(values, option).Count == 0 ? throw new ArgumentException($"{option} must not be empty.", option) : [.. values];

    public static TEnum Defined<TEnum>(TEnum value, [CallerMemberName] string option = "")
        where TEnum : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw OutOfRange(option, "one of " + string.Join(", ", Enum.GetNames<TEnum>()), value);
        return value;
    }

    /// <summary>Refuses to choose a precision itself.</summary>
    public static Precision Stated(Precision value, [CallerMemberName] string option = "") => value is Precision.Single or Precision.BFloat16
        ? value
        : throw OutOfRange(option, $"{Precision.Single} or {Precision.BFloat16}", value);

    private static ArgumentOutOfRangeException OutOfRange(string option, string expected, object actual) =>
        new(option, FormattableString.Invariant($"{option} must be {expected}; it is {actual}."));
}

namespace Microsoft.ML.Adversarial;

/// <summary>
/// When APGD looks back: after 22 % of the steps at first, then in windows that shrink by 3 % of the steps down to 6 % (Croce &amp; Hein 2020, section 3.3).
/// </summary>
internal sealed class ApgdSchedule
{
    private readonly Dictionary<int, int> windows = [];

    public ApgdSchedule(int steps)
    {
        Steps = steps;
        var (window, least, less) = (Share(steps, 22), Share(steps, 6), Share(steps, 3));
        for (var last = window - 1; last < steps; last += window)
        {
            windows[last] = window;
            window = Math.Max(window - less, least);
        }
    }

    /// <summary>Windows of one length.</summary>
    public ApgdSchedule(int steps, int window)
    {
        Steps = steps;
        for (var last = window - 1; last < steps; last += window)
            windows[last] = window;
    }

    public int Steps { get; }

    /// <summary>How many steps the window has that ends with this step, counted from 0; null where none ends.</summary>
    public int? WindowEndingAt(int step) => windows.TryGetValue(step, out var window) ? window : null;

    private static int Share(int steps, int percent) => Math.Max(steps * percent / 100, 1);
}

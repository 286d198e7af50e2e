namespace Tooling.CommandLine;

/// <summary>One line that lives while work goes on. A terminal shows every state in place; a file gets only the lines that stay.</summary>
public sealed class LiveLine : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly bool isLive = IsTerminal;
    private DateTime shown;

    /// <summary>Whether a person watches. Lines for people are on the standard error where a program gets the output; see <see cref="JsonOutput"/>. What mpirun gives its ranks looks like a terminal and has no width.</summary>
    public static bool IsTerminal => !(Console.Out == Console.Error ? Console.IsErrorRedirected : Console.IsOutputRedirected) && Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is null;

    /// <param name="line">What to show now.</param>
    /// <param name="stays">Whether the line is left standing for good.</param>
    public void Show(string line, bool stays)
    {
        if (!isLive)
        {
            if (stays)
                Console.WriteLine(line);
            return;
        }
        if (!stays && DateTime.UtcNow - shown < Pace)
            return;
        shown = DateTime.UtcNow;
        Clear();
        var width = Math.Max(20, Console.WindowWidth - 1);
        Console.Write(line.Length > width ? line[..width] : line);
        if (stays)
            Console.WriteLine();
    }

    public void Clear()
    {
        if (isLive)
            Console.Write("\r\u001b[2K");
    }

    public void Dispose() => Clear();

    /// <summary>Minutes and seconds, and hours where there are any.</summary>
    public static string Clock(TimeSpan time) => time.TotalHours < 1 ? $"{time:mm\\:ss}" : $"{(int)time.TotalHours}:{time:mm\\:ss}";
}

using System.Globalization;
using System.Text;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>The results as a Markdown table, line by line.</summary>
internal sealed class MarkdownReport
{
    private const string None = "–";

    private readonly List<string> rows = [], remarks = [];

    public static string Head =>
        """
        | benchmark | contestant | times as fast (least to most) | images/s | ms an image | GFLOP/s | share of the convolution peak | peak memory |
        |---|---|---:|---:|---:|---:|---:|---:|
        """;

    /// <returns>The row.</returns>
    public string Add(Benchmark benchmark, Measurement measured)
    {
        var operations = measured.OperationsPerSecond;
        string[] cells =
        [
            benchmark.Name,
            measured.Contestant,
            measured.Ratio is { } ratio ? string.Create(CultureInfo.InvariantCulture, $"{ratio.Median:0.00} ({ratio.Least:0.00} to {ratio.Most:0.00})") : "baseline",
            Text(measured.ImagesPerSecond),
            Text(1000 / measured.ImagesPerSecond),
            operations > 0 ? Text(operations / 1e9) : None,
            operations > 0 && measured.Peak is { } peak ? string.Create(CultureInfo.InvariantCulture, $"{operations / peak:0 %} of {peak / 1e9:0}") : None,
            string.Create(CultureInfo.InvariantCulture, $"{measured.PeakMemory / 1048576.0:0} MB"),
        ];
        rows.Add($"| {string.Join(" | ", cells)} |");
        return rows[^1];
    }

    /// <returns>The remark as it is written.</returns>
    public string Add(Benchmark benchmark, string remark)
    {
        remarks.Add($"* {benchmark.Name}: {remark}");
        return remarks[^1];
    }

    public void Write(string path) => CompleteFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(Machine.Describe());
        writer.WriteLine();
        foreach (var line in rows.Prepend(Head))
            writer.WriteLine(line);
        if (remarks.Count > 0)
            writer.WriteLine();
        foreach (var remark in remarks)
            writer.WriteLine(remark);
    });

    /// <summary>Three digits that count.</summary>
    private static string Text(double number) => number.ToString(number >= 100 ? "0" : number >= 10 ? "0.0" : number >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);
}

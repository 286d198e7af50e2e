using System.Globalization;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Audits;

/// <summary>What to measure of an uploaded model.</summary>
/// <param name="Name">Of its file, for the report.</param>
/// <param name="Attack">pgd or autoattack.</param>
/// <param name="Images">How many test images.</param>
public sealed record AuditRequest(string Name, string Attack, int Images)
{
    private const int LongestName = 80, FewestImages = 10, MostImages = 200;

    /// <exception cref="RefusedException">A part is out of its range.</exception>
    public static AuditRequest Of(IQueryCollection query)
    {
        var attack = query["attack"].ToString() is { Length: > 0 } asked ? asked : "pgd";
        if (attack is not ("pgd" or "autoattack"))
            throw RefusedException.Malformed($"attack is '{attack}'; expected pgd or autoattack.");
        var text = query["images"].ToString() is { Length: > 0 } number ? number : "60";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var images) || images is < FewestImages or > MostImages)
            throw RefusedException.Malformed($"images is '{text}'; expected a whole number from {FewestImages} to {MostImages}.");
        var name = string.Concat(query["name"].ToString().Split('/', '\\')[^1].Where(letter => !char.IsControl(letter)).Take(LongestName));
        return new AuditRequest(name.Length > 0 ? name : "model.onnx", attack, images);
    }
}

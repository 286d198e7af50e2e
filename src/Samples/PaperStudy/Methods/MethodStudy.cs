using Samples.PaperStudy.Results;
using Tooling.CommandLine;

namespace Samples.PaperStudy.Methods;

/// <summary>Runs the methods that are not finished yet, one after the other: a time is that of a machine that does nothing else.</summary>
public sealed class MethodStudy(MethodStudySettings settings, CancellationToken cancellation)
{
    public void Run()
    {
        settings.Check();
        var output = new OutputFolder(settings.Scale.Output);
        var folder = Directory.CreateDirectory(Path.Combine(output.Path, "methods")).FullName;
        var images = StudyImages.Read(settings.Scale, lettersFolder: Path.Combine(output.Path, "letters"));
        Console.WriteLine($"Training images: {images.TrainingDescription}. Test images: {images.TestDescription}.");
        Console.WriteLine($"{settings.Methods.Count} methods with seed {string.Join(", ", settings.Scale.Seeds)}, {LiveLine.Clock(settings.Time)} of training each.");
        using var line = new LiveLine();
        var runner = new MethodRunner(settings, images, line, cancellation);
        var results = new List<MethodResult>();
        foreach (var seed in settings.Scale.Seeds)
            foreach (var method in settings.Methods)
            {
                var name = Path.Combine("methods", $"{method}-seed{seed}.json");
                var known = Find(Path.Combine(output.Path, name), MethodSettings.Of(method, settings, images));
                var result = known ?? runner.Run(method, seed);
                if (known is null)
                    output.Write(name, path => ResultJson.Write(path, result));
                results.Add(result);
                line.Show(
                    FormattableString.Invariant($"{method,-12} seed {seed}  {(known is null ? "done" : "taken over")}: {result.Epochs} epochs in {result.TrainingSeconds:f0} s, clean {result.CleanAccuracy:p1}, PGD-50 {result.PgdAccuracy:p1}, AutoAttack {result.AutoAttackAccuracy:p1} of {result.Examples}"),
                    stays: true);
                new MethodReport(settings, images, results).Write(output);
            }
        line.Clear();
        foreach (var path in output.Written.Where(path => Path.GetDirectoryName(path) != folder).Distinct())
            Console.WriteLine($"wrote {path}");
    }

    /// <exception cref="InvalidDataException">There is a result with other settings.</exception>
    private static MethodResult? Find(string path, MethodSettings settings)
    {
        if (!File.Exists(path))
            return null;
        var result = ResultJson.Read<MethodResult>(path);
        return ResultJson.Difference(result.Settings, settings) is { } difference
            ? throw new InvalidDataException($"'{path}' was made with other settings: {difference}. Choose another --output folder, or give the settings of the methods there.")
            : result;
    }
}

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
        var times = settings.Methods.ToDictionary(method => method, method => Known(Name(method, "time"), method, () => runner.TakeTime(method), time => time.Settings).Content);
        line.Show(string.Join(", ", times.Select(time => FormattableString.Invariant($"{time.Key} {time.Value.EpochSeconds:0.##} s"))) + " an epoch", stays: true);
        var results = new List<MethodResult>();
        foreach (var seed in settings.Scale.Seeds)
            foreach (var method in settings.Methods)
            {
                var (result, isNew) = Known(Name(method, $"seed{seed}"), method, () => runner.Run(method, seed, times[method]), result => result.Settings);
                results.Add(result);
                var end = result.Measures is { } measures ? $"{result.Epochs} epochs in {measures}" : $"failed. {result.Failure}";
                line.Show($"{method,-12} seed {seed}  {(isNew ? "done" : "taken over")}: {end}", stays: true);
                new MethodReport(settings, images, results).Write(output);
            }
        line.Clear();
        foreach (var path in output.Written.Where(path => Path.GetDirectoryName(path) != folder).Distinct())
            Console.WriteLine($"wrote {path}");

        (T Content, bool IsNew) Known<T>(string name, string method, Func<T> make, Func<T, MethodSettings> settingsOf)
            where T : class
        {
            if (Find(Path.Combine(output.Path, name), MethodSettings.Of(method, settings, images), settingsOf) is { } there)
                return (there, false);
            var content = make();
            output.Write(name, path => ResultJson.Write(path, content));
            return (content, true);
        }
    }

    private static string Name(string method, string what) => Path.Combine("methods", $"{method}-{what}.json");

    /// <exception cref="InvalidDataException">There is one with other settings.</exception>
    private static T? Find<T>(string path, MethodSettings settings, Func<T, MethodSettings> settingsOf)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        var there = ResultJson.Read<T>(path);
        return ResultJson.Difference(settingsOf(there), settings) is { } difference
            ? throw new InvalidDataException($"'{path}' was made with other settings: {difference}. Choose another --output folder, or give the settings of the methods there.")
            : there;
    }
}

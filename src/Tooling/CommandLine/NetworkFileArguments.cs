using System.CommandLine;
using System.Globalization;
using Microsoft.ML.Adversarial;

namespace Tooling.CommandLine;

/// <summary>What a person says of an ONNX file that comes from elsewhere.</summary>
public sealed class NetworkFileArguments
{
    private readonly Option<string?> classes = new("--classes") { Description = "Of an ONNX file from elsewhere: a text file with the classes in the order of the scores, one in a line; 0, 1, 2, ... where not given" };
    private readonly Option<string?> mean = new("--mean") { Description = "Of an ONNX file from elsewhere: what it subtracts from pixels of 0..1, one number, or one for each channel with commas between; 0 where not given" };
    private readonly Option<string?> deviation = new("--std") { Description = "What it divides these by, in the same way; 1 where not given (1/255, 0.00392, for a network that takes 0..255)" };
    private readonly Option<bool> isBlueFirst = new("--bgr") { Description = "It takes blue before red" };
    private readonly Option<PixelLayout?> layout = new("--layout") { Description = "Planar (channels first) or Interleaved (channels last); read off its input where not given" };
    private readonly Option<string?> input = new("--input-name") { Description = "The input that takes images, where it has several" };
    private readonly Option<string?> scores = new("--scores-name") { Description = "The value that holds the scores, where it has several outputs" };
    private readonly Option<string?> preparation = new("--preparation") { Description = "An ONNX file that makes of pixels what it takes" };

    /// <summary>Makes a command understand them.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isClassifier">Whether the file's classes matter to it.</param>
    public void AddTo(Command command, bool isClassifier = true)
    {
        foreach (var option in (Option[])[.. isClassifier ? (Option[])[classes] : [], mean, deviation, isBlueFirst, layout, input, scores, preparation])
            command.Add(option);
    }

    /// <exception cref="ArgumentException">A number is none, or out of its range.</exception>
    /// <exception cref="FileNotFoundException">There is no file of classes.</exception>
    public NetworkFileOptions Read(ParseResult arguments)
    {
        var (subtracted, divisor) = (arguments.GetValue(mean), arguments.GetValue(deviation));
        return new NetworkFileOptions
        {
            ClassNames = arguments.GetValue(classes) is { } path ? ReadClasses(path) : null,
            PixelNormalization = subtracted is null && divisor is null ? null : new PixelNormalization(Numbers(subtracted ?? "0", "--mean"), Numbers(divisor ?? "1", "--std")),
            IsBlueFirst = arguments.GetValue(isBlueFirst),
            PixelLayout = arguments.GetValue(layout),
            InputName = arguments.GetValue(input),
            OutputName = arguments.GetValue(scores),
            PreparationPath = arguments.GetValue(preparation),
        };
    }

    private static string[] ReadClasses(string path) => File.Exists(path)
        ? [.. File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)]
        : throw new FileNotFoundException($"--classes: there is no file '{Path.GetFullPath(path)}'; expected a text with one class in a line.", path);

    private static double[] Numbers(string text, string option) => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(word =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"{option} has '{word}' in it; expected numbers with commas between them, such as 0.485,0.456,0.406."))];
}

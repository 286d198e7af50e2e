using System.Globalization;
using System.Net;
using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>Words and numbers as the page writes them, the same in every culture.</summary>
public static class Html
{
    /// <summary>A name of a user's own is no markup.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Nothing and everything are exact, and so without a digit behind the point.</summary>
    public static string Percent(double share) => share switch
    {
        double.NaN => "none",
        0 => "0 %",
        1 => "100 %",
        _ => string.Create(CultureInfo.InvariantCulture, $"{share * 100:f1} %"),
    };

    public static string Interval(AccuracyInterval accuracy) => string.Create(CultureInfo.InvariantCulture, $"{accuracy.Lower * 100:f1} to {accuracy.Upper * 100:f1}");

    /// <summary>A coordinate or a number on an axis.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>What the model took an image for, and how surely.</summary>
    public static string Prediction(ImagePrediction prediction) =>
        prediction.ClassName is { } name ? string.Create(CultureInfo.InvariantCulture, $"{Text(name)} {prediction.Confidence * 100:f0} %") : "no class";
}

using System.Globalization;
using System.Text;
using Microsoft.ML.Adversarial;
using SkiaSharp;
using Tooling.ImageData;

namespace Tooling.Reports;

/// <summary>Images with what the model takes them for, clean and under attack; a reader picks a class and an outcome.</summary>
public sealed class ImageCards(RobustnessEvaluation evaluation, ImageSet images, IReadOnlyList<BrokenImage> broken)
{
    private const int MostCards = 200, Thumbnail = 64;

    /// <summary>Without a script all cards are shown, and no filter that would do nothing.</summary>
    private const string Script = """
        <script>
        const filter = document.querySelector('.filter'), cards = [...document.querySelectorAll('.card')], [byClass, byOutcome] = filter.querySelectorAll('select'), shown = filter.querySelector('output');
        function choose() {
          for (const card of cards) card.hidden = (byClass.value && card.dataset.class !== byClass.value) || (byOutcome.value && card.dataset.outcome !== byOutcome.value);
          shown.value = cards.filter(card => !card.hidden).length + ' of ' + cards.length + ' images';
        }
        filter.hidden = false; filter.addEventListener('change', choose); choose();
        </script>

        """;

    public string Section()
    {
        var rows = Chosen();
        var page = new StringBuilder("<h2 id=\"images\">Images</h2>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"faint\">What the model takes each image for and how sure it is, clean and under attack. {(rows.Count < images.Images.Count ? $"These are {rows.Count} of {images.Images.Count} images, as evenly from classes and outcomes as they have them; images.csv has all. " : "")}Of the first broken ones: the clean image, the perturbation stretched to the whole range of grey, the attacked image.</p>\n");
        AddFilter(page, rows);
        page.Append("<ul class=\"cards\">\n");
        foreach (var row in rows)
            AddCard(page, row, broken.FirstOrDefault(image => image.Row == row));
        return page.Append("</ul>\n").Append(Script).ToString();
    }

    /// <summary>Those with all their pictures first, then class by class.</summary>
    private List<int> Chosen()
    {
        int[] first = [.. broken.Select(image => image.Row)];
        var others = Enumerable.Range(0, images.Images.Count).Except(first)
            .GroupBy(row => (images.Images[row].Label, ImageOutcomes.Of(evaluation, row)))
            .SelectMany(group => group.Select((row, turn) => (row, turn)))
            .OrderBy(pair => pair.turn).ThenBy(pair => pair.row)
            .Take(MostCards - first.Length).Select(pair => pair.row);
        return [.. first, .. others.OrderBy(row => images.Images[row].Label, StringComparer.Ordinal).ThenBy(row => row)];
    }

    private void AddFilter(StringBuilder page, IReadOnlyList<int> rows)
    {
        page.Append("<div class=\"filter\" role=\"group\" aria-label=\"Choose images\" hidden><label>Class <select><option value=\"\">all</option>");
        foreach (var name in rows.Select(row => images.Images[row].Label).Distinct().Order(StringComparer.Ordinal))
            page.Append(CultureInfo.InvariantCulture, $"<option>{Html.Text(name)}</option>");
        page.Append("</select></label> <label>Outcome <select><option value=\"\">all</option>");
        foreach (var outcome in Enum.GetValues<ImageOutcome>())
            page.Append(CultureInfo.InvariantCulture, $"<option value=\"{outcome}\">{outcome.Words()}</option>");
        page.Append("</select></label> <output></output></div>\n");
    }

    private void AddCard(StringBuilder page, int row, BrokenImage? pictures)
    {
        var (image, outcome) = (images.Images[row], ImageOutcomes.Of(evaluation, row));
        var (clean, attacked) = (evaluation.CleanPredictions[row], evaluation.Attacks[0].Predictions[row]);
        page.Append(CultureInfo.InvariantCulture, $"<li class=\"card\" data-class=\"{Html.Text(image.Label)}\" data-outcome=\"{outcome}\"><div class=\"pictures\">");
        if (pictures is null)
            AddPicture(page, SmallPicture(image.Path), $"An image of class {image.Label}");
        else
        {
            AddPicture(page, Png(pictures.Clean), $"An image of class {image.Label}");
            AddPicture(page, Png(pictures.Perturbation), "What the attack added to it");
            AddPicture(page, Png(pictures.Attacked), $"The attacked image, taken for {attacked.ClassName ?? "no class"}");
        }
        page.Append(CultureInfo.InvariantCulture, $"</div><p><b>{Html.Text(image.Label)}</b> <small>{outcome.Words()}</small><br>clean: {Answer(clean, image.Label)}");
        if (outcome != ImageOutcome.Misclassified)
            page.Append(CultureInfo.InvariantCulture, $"<br>attacked: {Answer(attacked, image.Label)}");
        page.Append(CultureInfo.InvariantCulture, $"<br><small>{Html.Text(Path.GetFileName(image.Path))}</small></p></li>\n");
    }

    private static string Answer(ImagePrediction prediction, string label) => $"<span class=\"{(prediction.ClassName == label ? "right" : "wrong")}\">{Html.Prediction(prediction)}</span>";

    private static void AddPicture(StringBuilder page, byte[] png, string seen) =>
        page.Append(CultureInfo.InvariantCulture, $"<img alt=\"{Html.Text(seen)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">");

    private static byte[] SmallPicture(string path)
    {
        using var whole = SKBitmap.Decode(path);
        var scale = Math.Min(1, Thumbnail / (double)Math.Max(whole.Width, whole.Height));
        using var small = whole.Resize(new SKImageInfo(Math.Max(1, (int)(whole.Width * scale)), Math.Max(1, (int)(whole.Height * scale))), SKFilterQuality.Medium);
        return Png(small);
    }

    private static byte[] Png(SKBitmap bitmap)
    {
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}

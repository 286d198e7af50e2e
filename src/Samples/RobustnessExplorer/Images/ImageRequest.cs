using System.Globalization;
using Samples.RobustnessExplorer.Models;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Images;

/// <summary>Finds out which image a request is about: <c>?image=N</c> of the gallery, or its body.</summary>
public static class ImageRequest
{
    /// <exception cref="RefusedException">It is about none that can be used.</exception>
    public static async Task<AskedImage> ReadAsync(HttpRequest request, ExplorerState state, ExplorerSettings settings, CancellationToken cancellation)
    {
        var models = state.Models;
        if (request.Query["image"].ToString() is { Length: > 0 } text)
        {
            var image = state.Gallery.Find(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1);
            return new AskedImage(image.Pixels, image.Label);
        }
        var body = await RequestBody.ReadAsync(request, settings.ImageBytes, settings.UploadSeconds, cancellation);
        return body.Length == 0
            ? throw RefusedException.Malformed("The request has neither ?image=N nor a body; expected an image.")
            : new AskedImage(DecodedImage.Pixels(body, settings.ImagePixels, models.Shape), Label: null);
    }
}

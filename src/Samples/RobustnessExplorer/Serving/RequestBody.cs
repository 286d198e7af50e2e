using Microsoft.AspNetCore.Http.Features;

namespace Samples.RobustnessExplorer.Serving;

/// <summary>Uploads are bodies without a form around them, kept in memory: what never lay on a disk need not be removed.</summary>
public static class RequestBody
{
    /// <exception cref="RefusedException">The body is larger, or takes longer.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, int maximumBytes, int maximumSeconds, CancellationToken cancellation)
    {
        // The server stops reading there, whatever the headers say.
        request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = maximumBytes;
        if (request.ContentLength > maximumBytes)
            throw TooLarge(maximumBytes);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(maximumSeconds));
        try
        {
            using var memory = new MemoryStream((int)(request.ContentLength ?? 0));
            await request.Body.CopyToAsync(memory, limit.Token);
            return memory.ToArray();
        }
        catch (BadHttpRequestException exception)
        {
            throw exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(maximumBytes) : new RefusedException(exception.StatusCode, exception.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RefusedException(StatusCodes.Status408RequestTimeout, $"The upload took longer than {maximumSeconds} seconds.");
        }
    }

    private static RefusedException TooLarge(int maximumBytes) => new(StatusCodes.Status413PayloadTooLarge, $"The upload is larger than {maximumBytes} bytes.");
}

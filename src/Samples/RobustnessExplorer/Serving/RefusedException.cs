namespace Samples.RobustnessExplorer.Serving;

/// <summary>Why a request is not served: the client's affair, or a matter of waiting.</summary>
/// <param name="status">Of the answer.</param>
/// <param name="message">What was expected and what came.</param>
public sealed class RefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>When to come back, in seconds; null where that would change nothing.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The service has more to do than it may queue, or is not ready yet.</summary>
    public static RefusedException Busy(string message, int retryAfterSeconds) => new(StatusCodes.Status503ServiceUnavailable, message) { RetryAfterSeconds = retryAfterSeconds };

    public static RefusedException Malformed(string message) => new(StatusCodes.Status400BadRequest, message);

    /// <summary>The upload is what it should be in kind, and cannot be used.</summary>
    public static RefusedException Unusable(string message) => new(StatusCodes.Status422UnprocessableEntity, message);
}

namespace Microsoft.ML.Adversarial;

/// <summary>No native torch library could be loaded, or not the one that was asked for; the message says what is missing and what to do.</summary>
public sealed class TorchBackendNotFoundException : Exception
{
    /// <summary>Creates the exception with a general message.</summary>
    public TorchBackendNotFoundException()
        : this("No torch backend was found.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing and what to do.</param>
    public TorchBackendNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing and what to do.</param>
    /// <param name="innerException">The loader's own complaint.</param>
    public TorchBackendNotFoundException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

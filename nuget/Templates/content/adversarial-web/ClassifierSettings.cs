using System.ComponentModel.DataAnnotations;

/// <summary>The section Classifier of appsettings.json.</summary>
internal sealed class ClassifierSettings
{
    /// <summary>The model's file, from the application's content folder.</summary>
    [Required]
    public string Model { get; set; } = "model.zip";

    /// <summary>The largest body of a request, in bytes; beyond it 413.</summary>
    [Range(1, int.MaxValue)]
    public int MaximumRequestBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>The most pixels of an image, width times height; beyond it 422. Decoded, each takes 4 bytes.</summary>
    [Range(1, 1 << 28)]
    public int MaximumPixels { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many requests are read and scored at a time.</summary>
    [Range(1, 1024)]
    public int ConcurrentRequests { get; set; } = 4;

    /// <summary>How many more may wait for their turn; beyond it 503.</summary>
    [Range(0, 65536)]
    public int WaitingRequests { get; set; } = 16;

    /// <summary>The longest time for a request from its turn to its answer, in seconds; beyond it 408.</summary>
    [Range(1, 3600)]
    public int TimeoutSeconds { get; set; } = 30;
}

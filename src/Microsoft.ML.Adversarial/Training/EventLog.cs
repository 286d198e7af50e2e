using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A run's course as TensorBoard reads it: one file of events, which TorchSharp writes and closes after every one of them.</summary>
internal sealed class EventLog
{
    private readonly string directory;
    private readonly TimeProvider clock;
    private readonly SummaryWriter writer;

    /// <exception cref="IOException">The folder or the file cannot be made.</exception>
    public EventLog(string directory, TimeProvider clock)
    {
        this.directory = directory;
        this.clock = clock;
        writer = Try(() => utils.tensorboard.SummaryWriter(directory));
    }

    /// <param name="updates">Weight updates done.</param>
    /// <param name="rate">The learning rate of the last one.</param>
    /// <param name="outcome">What it saw.</param>
    /// <param name="time">What it took.</param>
    public void Update(long updates, double rate, StepOutcome outcome, TimeSpan time)
    {
        Add("training/loss", outcome.Loss, updates);
        Add("training/learning_rate", rate, updates);
        if (outcome.Clean.Total > 0)
            Add("training/clean_accuracy", outcome.Clean.Accuracy, updates);
        if (outcome.Attacked.Total > 0)
            Add("training/robust_accuracy", outcome.Attacked.Accuracy, updates);
        if (time > TimeSpan.Zero)
            Add("training/images_per_second", outcome.Images / time.TotalSeconds, updates);
    }

    /// <param name="updates">Weight updates done.</param>
    /// <param name="epoch">What validation found.</param>
    public void Epoch(long updates, EpochMetrics epoch)
    {
        Add("validation/clean_accuracy", epoch.CleanAccuracy, updates);
        Add("validation/robust_accuracy", epoch.RobustAccuracy, updates);
    }

    private void Add(string tag, double value, long step) => Try(() =>
    {
        writer.add_scalar(tag, (float)value, checked((int)step), clock.GetUtcNow().ToUnixTimeSeconds());
        return true;
    });

    private T Try<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The events of training cannot be written to EventDirectory, '{directory}'. {exception.Message}", exception);
        }
    }
}

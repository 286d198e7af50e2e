namespace Microsoft.ML.Adversarial;

/// <summary>What a classifier says once it was disposed, whatever is asked of it.</summary>
internal static class Disposal
{
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public static T Living<T>(T part, bool isDisposed, ITransformer owner) => !isDisposed ? part : throw new ObjectDisposedException(
        owner.GetType().Name,
        $"This {owner.GetType().Name} was disposed, which freed its network and its scorer. ML.NET's PredictionEngine disposes the model that it was made from: keep the engine as long as the "
        + "model, or save the model with ml.Model.Save and make the engine from what ml.Model.Load returns.");
}

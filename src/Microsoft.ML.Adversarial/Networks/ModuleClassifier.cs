using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A TorchSharp module in evaluation mode, with nothing learned and nothing left changed.</summary>
internal sealed class ModuleClassifier(nn.Module<Tensor, Tensor> module, int classCount) : IImageClassifier
{
    public int ClassCount => classCount;

    public Tensor Logits(Tensor images)
    {
        using var scope = NewDisposeScope();
        // The module itself first: train() reaches all that is below, so that each one's own mode must be set after its parent's.
        (nn.Module Module, bool IsTraining)[] modes = [(module, module.training), .. module.named_modules().Select(named => (named.module, named.module.training))];
        Parameter[] learning = [.. module.parameters().Where(parameter => parameter.requires_grad)];
        try
        {
            module.eval();
            foreach (var parameter in learning)
                parameter.requires_grad_(false);
            // A copy, since a module may begin with a layer that works in place.
            var input = images.clone();
            var logits = module.call(module.parameters().FirstOrDefault() is { } first ? input.to(first.device) : input);
            if (logits.dim() != 2 || logits.shape[0] != images.shape[0] || logits.shape[1] != classCount)
                throw new InvalidOperationException(
                    $"The module {module.GetName()} gave [{string.Join(", ", logits.shape)}] for images [{string.Join(", ", images.shape)}]; expected class scores, [{images.shape[0]}, {classCount}].");
            return logits.to(float32).to(images.device).MoveToOuterDisposeScope();
        }
        finally
        {
            foreach (var (one, isTraining) in modes)
                one.train(isTraining);
            foreach (var parameter in learning)
                parameter.requires_grad_(true);
        }
    }
}

using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>A part of a weight's name: holds the parts behind it, or the tensors of a layer.</summary>
internal sealed class NameModule() : Module(nameof(NameModule))
{
    /// <summary>The module of a name, made where it is not there yet; the root itself for an empty name.</summary>
    public static Module Get(Module root, string name)
    {
        var owner = root;
        foreach (var part in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var existing = owner.named_children().FirstOrDefault(child => child.name == part).module;
            if (existing is null)
                owner.register_module(part, existing = new NameModule());
            owner = existing;
        }
        return owner;
    }

    /// <summary>Makes the modules that a name's parts stand for, where they are not there yet.</summary>
    /// <returns>The last one; null where the whole name was taken.</returns>
    public static NameModule? Add(Module root, string name)
    {
        var (owner, isNew) = (root, false);
        foreach (var part in name.Split('.'))
        {
            var existing = owner.named_children().FirstOrDefault(child => child.name == part).module;
            isNew = existing is null;
            if (existing is null)
                owner.register_module(part, existing = new NameModule());
            owner = existing;
        }
        return isNew ? (NameModule)owner : null;
    }
}

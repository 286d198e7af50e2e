namespace Microsoft.ML.Adversarial;

/// <summary>What batch normalisation normalises with while an attack perturbs the images of a training batch. In neither case does the attack leave a trace.</summary>
public enum CraftingStatistics
{
    /// <summary>The running statistics of the adversarial domain, as at test time (Xie &amp; Yuille 2020; recommended by Pang et al. 2021, section 3.7).</summary>
    Running,

    /// <summary>The statistics of the batch as it is being perturbed, which do not move the running ones. An image's perturbation then depends on its batch.</summary>
    Batch,
}

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Extensions;

/// <summary>A convolution, one residual block, a pool and the classes.</summary>
public sealed record TwoStageBackbone : Backbone
{
    public override string Name => "two stages";

    protected override void LayOut(NetworkLayout layout) => layout
        .Convolution("conv1", 8, 3).Normalization("bn1").Activation(Activation.Relu)
        .Residual("block", main => main.Convolution("conv1", 8, 3).Normalization("bn1").Activation(Activation.Relu).Convolution("conv2", 8, 3).Normalization("bn2")).Activation(Activation.Relu)
        .GlobalAveragePool().Classifier("fc");

    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.AddNothing();
    }
}

using OxyPlot;

namespace Tooling.Figures;

/// <summary>One for each way to train, told apart by everybody (Okabe &amp; Ito 2008).</summary>
public static class Colours
{
    public static OxyColor Adversarial { get; } = OxyColor.FromRgb(0x00, 0x72, 0xb2);

    public static OxyColor Mixed { get; } = OxyColor.FromRgb(0xd5, 0x5e, 0x00);

    public static OxyColor LogitPairing { get; } = OxyColor.FromRgb(0xe6, 0x9f, 0x00);

    public static OxyColor MixtureBatch { get; } = OxyColor.FromRgb(0x00, 0x9e, 0x73);

    public static OxyColor Group { get; } = OxyColor.FromRgb(0xcc, 0x79, 0xa7);

    public static OxyColor Plain { get; } = OxyColor.FromRgb(0x66, 0x66, 0x66);
}

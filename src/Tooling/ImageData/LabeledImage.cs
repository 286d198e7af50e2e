namespace Tooling.ImageData;

/// <summary>One image file and its class: the row type of the programs' data views.</summary>
public sealed class LabeledImage
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";
}

using System.CommandLine;
using Tooling.CommandLine;

namespace AdversarialTool.Information;

/// <summary>Says what a model file is, without an image.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("file") { Description = "A model.zip, ONNX file, weights or checkpoint that this library wrote, or any ONNX classifier" };
        var command = new Command("info", "Says what a model file is: network, classes, images, domain, numbers, where it comes from.") { path };
        var file = new NetworkFileArguments();
        file.AddTo(command);
        return command.Doing("Nothing was changed.", (arguments, _) => new ModelInformation(arguments.GetValue(path)!, file.Read(arguments)).Tell());
    }
}

using System.CommandLine;
using Tooling.CommandLine;

namespace AdversarialTool.Prediction;

/// <summary>Classifies image files with a model as it was deployed.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var images = new Argument<string[]>("images") { Description = "Image files; a folder stands for all images in it and below", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string>("--model") { Description = "A model.zip or model.onnx that this library wrote, or any ONNX classifier", DefaultValueFactory = _ => "output/model.zip" };
        var top = new Option<int>("--top") { Description = "So many of the likeliest classes for each image", DefaultValueFactory = _ => 1 };
        var command = new Command("predict", "Classifies images: the likeliest classes and their probabilities.") { images, model, top };
        var file = new NetworkFileArguments();
        file.AddTo(command);
        return command.Doing(
            "The images that are not listed were not classified.",
            (arguments, cancellation) => new FilePrediction(arguments.GetValue(model)!, file.Read(arguments), arguments.GetValue(top), cancellation).Run(arguments.GetValue(images)!));
    }
}

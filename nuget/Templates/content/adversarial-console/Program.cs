using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Runtime;

// dotnet run -c Release -- IMAGES [--epochs N]
// Trains on a folder with one subfolder of images for each class, measures on held-out images, and saves what any ML.NET application loads.
var (folder, epochs) = args switch
{
    [var images] => (images, ImageClassificationRecipes.Quick.Epochs),
    [var images, "--epochs", var number] when int.TryParse(number, out var count) && count > 0 => (images, count),
    _ => (null, 0),
};
if (folder is null)
    return Fail("Usage: IMAGES [--epochs N], where IMAGES is a folder with one subfolder of images for each class, and N is at least 1.");

try
{
    var images = LabeledImage.InClassesOf(folder);

#if (usesGpu)
    var ml = new MLContext(seed: 1) { GpuDeviceId = 0 };
#else
    var ml = new MLContext(seed: 1);
#endif
    ml.Log += (_, entry) => { if (entry.Kind != ChannelMessageKind.Trace) Console.WriteLine(entry.RawMessage); };

    // Every fifth image of a class is held out.
    var train = ml.Data.LoadFromEnumerable(images.Where(image => image.Number % 5 != 4));
    var test = ml.Data.LoadFromEnumerable(images.Where(image => image.Number % 5 == 4));

    // For photographs rather than letters or icons: a larger size, and another recipe (ImageClassificationRecipes.Cifar10Adversarial takes hours on a CPU).
    var budget = Budget.LInf(8);
    var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.Transforms.LoadImages("Image", "", "Path"))
        .Append(ml.Transforms.ResizeImages("Image", 32, 32))
        .Append(ml.Transforms.ExtractPixels("Features", "Image"))
        .Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
        {
            Epochs = epochs,
            Method = new AdversarialTraining(new PgdAttack(budget) { Steps = 3 }),
        }))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
    var model = pipeline.Fit(train);

    // What to quote is AutoAttack.Standard(budget), which takes longer.
    var robustness = ml.Adversarial().EvaluateRobustness(model, test, new PgdAttack(budget) { Steps = 20 });
    Console.WriteLine($"Of {robustness.Examples} held-out images {robustness.CleanAccuracy.Accuracy:p1} are classified as labelled, and {robustness.WorstCaseAccuracy.Accuracy:p1} under {robustness.Attacks[0].Attack}.");

    ml.Model.Save(model, train.Schema, "model.zip");
    Console.WriteLine($"Saved {Path.GetFullPath("model.zip")}.");
    return 0;
}
catch (Exception exception)
{
    return Fail(exception.Message);
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}

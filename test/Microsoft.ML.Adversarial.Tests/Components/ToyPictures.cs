using Microsoft.ML.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>A folder of small PNG files whose class is the half that is bright, and the pipelines over it.</summary>
public sealed class ToyPictures : IDisposable
{
    public const int Size = 12;

    private static readonly string[] Classes = ["bottom", "left", "right"];

    public ToyPictures(int perClass = 8)
    {
        Folder = Directory.CreateTempSubdirectory("toy-pictures-").FullName;
        var random = new Random(5);
        for (var number = 0; number < perClass; number++)
            foreach (var name in Classes)
                Rows.Add(new ToyRow { Path = Draw(name, number, random), Label = name, Number = Array.IndexOf(Classes, name) + 10 });
    }

    public string Folder { get; }

    public List<ToyRow> Rows { get; } = [];

    public static ImageClassificationOptions QuickOptions { get; } = new()
    {
        Backbone = new ResNet(8) { Width = 4 },
        Epochs = 2,
        BatchSize = 8,
        LearningRate = 0.05,
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 2 }),
        Seed = 3,
    };

    public IDataView View(MLContext ml) => ml.Data.LoadFromEnumerable(Rows);

    /// <summary>From paths and labels to features and keys.</summary>
    public static IEstimator<ITransformer> Preparation(MLContext ml, string labelColumn = "Label", bool interleaved = false, float offset = 0, float scale = 1) =>
        ml.Transforms.Conversion.MapValueToKey("Label", labelColumn, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.Transforms.LoadImages("Image", "", "Path"))
            .Append(ml.Transforms.ResizeImages("Image", Size, Size))
            .Append(ml.Transforms.ExtractPixels("Features", "Image", interleavePixelColors: interleaved, offsetImage: offset, scaleImage: scale));

    public static IEstimator<ITransformer> Pipeline(MLContext ml, ImageClassificationOptions options) =>
        Preparation(ml).Append(ml.Adversarial().Trainers.ImageClassification(options)).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));

    public static ImageClassificationTransformer ClassifierIn(ITransformer model) =>
        ((IEnumerable<ITransformer>)model).OfType<ImageClassificationTransformer>().Single();

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Draw(string name, int number, Random random)
    {
        using var bitmap = new SKBitmap(Size, Size);
        for (var y = 0; y < Size; y++)
            for (var x = 0; x < Size; x++)
            {
                var isBright = name switch { "left" => x < Size / 2, "right" => x >= Size / 2, _ => y >= Size / 2 };
                var level = (byte)((isBright ? 190 : 40) + random.Next(40));
                bitmap.SetPixel(x, y, new SKColor(level, (byte)(level - 20), (byte)(level + 20)));
            }
        var path = Path.Combine(Folder, $"{name}-{number}.png");
        using var image = SKImage.FromBitmap(bitmap);
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
        return path;
    }
}

using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Adversarial;

/// <summary>The two columns that training and evaluation read, and what they must be.</summary>
internal sealed record ImageColumns(string Features, string Label)
{
    private const string LabelExpected = "expected a key as Conversion.MapValueToKey makes it";

    /// <summary>Whether the features may be a column of <see cref="MLImage"/> instead of vectors.</summary>
    public bool MayBeImages { get; init; }

    private string FeaturesExpected => "expected a vector of Single as ExtractPixels makes it" + (MayBeImages ? ", or images as ResizeImages makes them" : "");

    /// <exception cref="ArgumentException">A column is missing, of the wrong type, or bears a name that the scorer's outputs have.</exception>
    public void Check(DataViewSchema schema)
    {
        CheckName();
        var features = schema.GetColumnOrNull(Features) ?? throw Missing(Features, FeaturesExpected, schema.Select(column => column.Name));
        var label = schema.GetColumnOrNull(Label) ?? throw Missing(Label, LabelExpected, schema.Select(column => column.Name));
        if ((features.Type is not VectorDataViewType { ItemType.RawType: var item } || item != typeof(float)) && !(MayBeImages && features.Type is ImageDataViewType))
            throw Wrong("Features", Features, features.Type, FeaturesExpected);
        if (label.Type is not KeyDataViewType)
            throw Wrong("Label", Label, label.Type, LabelExpected);
    }

    /// <returns>How the features hold the images.</returns>
    /// <exception cref="ArgumentException">The columns are not what the classifier was trained on: images of another size or layout, or other classes.</exception>
    public ImageFormat Check(DataViewSchema schema, IAttackableClassifier classifier)
    {
        Check(schema);
        var trained = classifier.Format;
        var format = ImageFormat.Of(schema[Features], trained.Shape, trained.Layout, trained.Range);
        var classes = ClassLabels.Of(schema[Label]);
        if (!classes.Names.SequenceEqual(classifier.ClassNames))
            throw new ArgumentException(
                $"Label column '{Label}' has the classes {string.Join(", ", classes.Names)}; the model was trained on {string.Join(", ", classifier.ClassNames)}, in this order.");
        return format;
    }

    /// <exception cref="ArgumentException">A column is missing or of the wrong type.</exception>
    public void Check(SchemaShape schema)
    {
        CheckName();
        var features = Find(schema, Features) ?? throw Missing(Features, FeaturesExpected, schema.Select(column => column.Name));
        var label = Find(schema, Label) ?? throw Missing(Label, LabelExpected, schema.Select(column => column.Name));
        if ((features.Kind != SchemaShape.Column.VectorKind.Vector || features.ItemType.RawType != typeof(float)) && !(MayBeImages && features.ItemType is ImageDataViewType))
            throw Wrong("Features", Features, Describe(features), FeaturesExpected);
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || !label.IsKey)
            throw Wrong("Label", Label, Describe(label), LabelExpected);
    }

    private void CheckName()
    {
        if (ImageClassificationTransformer.OutputNames.Contains(Features))
            throw new ArgumentException($"The features column is named '{Features}', as an output of the model is; expected another name than {string.Join(", ", ImageClassificationTransformer.OutputNames)}.");
    }

    private static SchemaShape.Column? Find(SchemaShape schema, string name)
    {
        foreach (var column in schema.Where(column => column.Name == name))
            return column;
        return null;
    }

    private static string Describe(SchemaShape.Column column) => $"{column.Kind} of {(column.IsKey ? "key " : "")}{column.ItemType}";

    private static ArgumentException Missing(string name, string expected, IEnumerable<string> present) =>
        new($"There is no column '{name}'; {expected}. The columns are: {string.Join(", ", present)}.");

    private static ArgumentException Wrong(string role, string name, object actual, string expected) =>
        new($"{role} column '{name}' is {actual}; {expected}.");
}

using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Adversarial;

/// <summary>The two columns that training and evaluation read, and what they must be.</summary>
internal sealed record ImageColumns(string Features, string Label)
{
    private const string IsNormalized = "IsNormalized";

    private string LabelExpected => $"expected a key as Conversion.MapValueToKey makes it; {LabelParameter} says which column it is";

    /// <summary>Whether the features may be a column of <see cref="MLImage"/> instead of vectors.</summary>
    public bool MayBeImages { get; init; }

    /// <summary>Names that the features must not have, since the model's own outputs have them.</summary>
    public IReadOnlyList<string> TakenNames { get; init; } = [];

    /// <summary>Where the caller states the label column's name.</summary>
    public string LabelParameter { get; init; } = "LabelColumnName";

    private string FeaturesExpected => "expected a vector of Single as ExtractPixels makes it" + (MayBeImages ? ", or images as ResizeImages makes them" : "");

    /// <exception cref="ArgumentException">A column is missing, of the wrong type, normalised, or bears a name that is taken.</exception>
    public void Check(DataViewSchema schema)
    {
        CheckName();
        var features = schema.GetColumnOrNull(Features) ?? throw Missing(Features, FeaturesExpected, schema.Select(column => column.Name));
        var label = schema.GetColumnOrNull(Label) ?? throw Missing(Label, LabelExpected, schema.Select(column => column.Name));
        if ((features.Type is not VectorDataViewType { ItemType.RawType: var item } || item != typeof(float)) && !(MayBeImages && features.Type is ImageDataViewType))
            throw Wrong("Features", Features, features.Type, FeaturesExpected);
        if (features.IsNormalized())
            throw Normalized();
        if (label.Type is not KeyDataViewType)
            throw Wrong("Label", Label, label.Type, LabelExpected);
    }

    /// <returns>How the features hold the images.</returns>
    /// <exception cref="ArgumentException">The columns are not what the classifier was trained on: images of another size or layout, or other classes.</exception>
    public ImageFormat FormatFor(DataViewSchema schema, IAttackableClassifier classifier)
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

    /// <exception cref="ArgumentException">A column is missing, of the wrong type, normalised, or bears a name that is taken.</exception>
    public void Check(SchemaShape schema)
    {
        CheckName();
        var features = Find(schema, Features) ?? throw Missing(Features, FeaturesExpected, schema.Select(column => column.Name));
        var label = Find(schema, Label) ?? throw Missing(Label, LabelExpected, schema.Select(column => column.Name));
        if (features.Kind == SchemaShape.Column.VectorKind.VariableVector && features.ItemType.RawType == typeof(float))
            throw PixelVectorFormat.UnknownLength(Features, Describe(features));
        if ((features.Kind != SchemaShape.Column.VectorKind.Vector || features.ItemType.RawType != typeof(float)) && !(MayBeImages && features.ItemType is ImageDataViewType))
            throw Wrong("Features", Features, Describe(features), FeaturesExpected);
        if (features.Annotations.Any(annotation => annotation.Name == IsNormalized))
            throw Normalized();
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || !label.IsKey)
            throw Wrong("Label", Label, Describe(label), LabelExpected);
    }

    private void CheckName()
    {
        if (TakenNames.Contains(Features))
            throw new ArgumentException($"The features column is named '{Features}', as an output of the model is; expected another name than {string.Join(", ", TakenNames)}.");
    }

    private ArgumentException Normalized() => new(
        $"Features column '{Features}' was made by a normalizer, such as NormalizeMinMax or NormalizeMeanVariance (its annotation IsNormalized says so), which scales each pixel position, or each image, by itself: "
        + $"a budget of 8/255 would not be 8 grey levels of an image. {PixelScale.Remedy}");

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

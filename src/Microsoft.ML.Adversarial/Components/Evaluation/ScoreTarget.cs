using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Any model: the stages up to the pixel column prepare the images, those behind it are asked for scores.</summary>
internal static class ScoreTarget
{
    private const string SlotNames = "SlotNames";

    /// <exception cref="ArgumentException">There is no such pixel, label or score column, or the scores are of other classes than the labels.</exception>
    public static EvaluatedModel Of(ITransformer model, IDataView data, BlackBoxEvaluationOptions options)
    {
        var columns = options.Columns;
        var stages = EvaluatedModel.Flatten(model).SelectMany(stage => stage is DeployedClassifier deployed ? EvaluatedModel.Flatten(deployed.Scoring) : [stage]).ToList();
        var (pixels, first) = UpToPixels(stages, data, columns.Features);
        var labelled = WithLabel(pixels, stages.Skip(first), columns);
        columns.Check(labelled.Schema);
        var format = options.FormatOf(labelled.Schema[columns.Features]);
        var scores = new ScoreClassifier(new TransformerChain<ITransformer>([.. stages.Skip(first)]), pixels.Schema, columns, format, options.ScoreColumnName);
        var classes = ClassLabels.Of(labelled.Schema[columns.Label]).Names;
        CheckClasses(scores, classes, columns.Label);
        return new EvaluatedModel
        {
            Network = scores,
            HasGradients = false,
            Fingerprint = scores.Fingerprint,
            Device = CPU,
            Prepared = labelled,
            Columns = columns,
            Format = format,
            ClassNames = classes,
        };
    }

    /// <summary>The pixels are attacked as they first appear: what a later stage makes of a column of the same name is already scaled or selected.</summary>
    /// <returns>The data up to there, and the first stage behind.</returns>
    private static (IDataView Pixels, int FirstStage) UpToPixels(List<ITransformer> stages, IDataView data, string column)
    {
        var view = data;
        for (var stage = 0; stage <= stages.Count; stage++)
        {
            if (view.Schema.GetColumnOrNull(column) is not null)
                return (view, stage);
            if (stage < stages.Count)
                view = stages[stage].Transform(view);
        }
        throw new ArgumentException(
            $"Neither the data nor a stage of the model has a column '{column}'; expected a vector of Single as ExtractPixels makes it, or images as ResizeImages makes them. The columns are: {string.Join(", ", view.Schema.Select(found => found.Name))}.");
    }

    /// <summary>Where the label becomes a key behind the pixels, the stages that make it so are run on the clean rows.</summary>
    /// <exception cref="ArgumentException">The label becomes a key only after the pixels have been replaced by others of the same name.</exception>
    private static IDataView WithLabel(IDataView pixels, IEnumerable<ITransformer> stages, ImageColumns columns)
    {
        var (view, furthest) = (pixels, pixels);
        foreach (var stage in stages)
        {
            if (IsLabelled(view))
                break;
            view = stage.Transform(view);
            if (view.Schema.GetColumnOrNull(columns.Features)?.Index == pixels.Schema[columns.Features].Index)
                furthest = view;
        }
        return furthest == view || !IsLabelled(view) ? furthest : throw new ArgumentException(
            $"Label column '{columns.Label}' becomes a key only behind the stage that replaces column '{columns.Features}', whose first values are attacked; expected the label's MapValueToKey before that stage, or in the data.");

        bool IsLabelled(IDataView candidate) => candidate.Schema.GetColumnOrNull(columns.Label)?.Type is KeyDataViewType;
    }

    private static void CheckClasses(ScoreClassifier scores, IReadOnlyList<string> classes, string label)
    {
        if (scores.ClassCount != classes.Count)
            throw new ArgumentException($"Score column '{scores.Slots.Name}' has {scores.ClassCount} scores; expected one for each class of label column '{label}', which has {classes.Count}: {string.Join(", ", classes)}.");
        if (scores.Slots.Annotations.Schema.GetColumnOrNull(SlotNames)?.Type is not VectorDataViewType { ItemType: TextDataViewType })
            return;
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        scores.Slots.Annotations.GetValue(SlotNames, ref names);
        string[] slots = [.. names.DenseValues().Select(name => name.ToString())];
        if (!slots.SequenceEqual(classes))
            throw new ArgumentException($"Score column '{scores.Slots.Name}' has the classes {string.Join(", ", slots)}; label column '{label}' has {string.Join(", ", classes)}. Expected the same in the same order.");
    }
}

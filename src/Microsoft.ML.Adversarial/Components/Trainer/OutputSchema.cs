using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What a fitted transformer will add, told before fitting. ML.NET keeps the constructor of a shape's column to itself; other estimators with the same output
/// describe it instead, and are never run: the predicted label is a copy of the label, the score the output of a custom mapping.
/// </summary>
internal static class OutputSchema
{
    public static SchemaShape Of(MLContext ml, SchemaShape input, string labelColumnName)
    {
        var definition = SchemaDefinition.Create(typeof(Output));
        // The number of classes is not known yet; a shape tells only vector from scalar.
        definition[nameof(Output.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition[nameof(Output.Score)].AddAnnotation("SlotNames", default(VBuffer<ReadOnlyMemory<char>>), new VectorDataViewType(TextDataViewType.Instance, 2));
        var scored = ml.Transforms.CustomMapping<Input, Output>(static (_, _) => { }, contractName: null, outputSchemaDefinition: definition).GetOutputSchema(input);
        return ml.Transforms.CopyColumns(ScoringChain.PredictedLabel, labelColumnName).GetOutputSchema(scored);
    }

    private sealed class Input
    {
    }

    private sealed class Output
    {
        public float[] Score { get; set; } = [];
    }
}

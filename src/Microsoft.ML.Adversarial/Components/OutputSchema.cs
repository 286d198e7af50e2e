using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Components;

/// <summary>
/// What a fitted transformer will add, told before fitting. ML.NET keeps the constructor of a shape's column to itself; a custom mapping with the same output
/// describes it instead, and is never run.
/// </summary>
internal static class OutputSchema
{
    public static SchemaShape Of(MLContext ml, SchemaShape input)
    {
        var definition = SchemaDefinition.Create(typeof(Output));
        // The number of classes is not known yet; a shape tells only vector from scalar.
        definition[nameof(Output.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition[nameof(Output.Score)].AddAnnotation("SlotNames", default(VBuffer<ReadOnlyMemory<char>>), new VectorDataViewType(TextDataViewType.Instance, 2));
        definition[nameof(Output.PredictedLabel)].ColumnType = new KeyDataViewType(typeof(uint), 2);
        definition[nameof(Output.PredictedLabel)].AddAnnotation("KeyValues", default(VBuffer<ReadOnlyMemory<char>>), new VectorDataViewType(TextDataViewType.Instance, 2));
        return ml.Transforms.CustomMapping<Input, Output>(static (_, _) => { }, contractName: null, outputSchemaDefinition: definition).GetOutputSchema(input);
    }

    private sealed class Input
    {
    }

    private sealed class Output
    {
        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }
    }
}

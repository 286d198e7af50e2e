namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Keeps the shape that a chain of estimators hands from one to the next before it fits; ML.NET has no public way of making one from a schema.</summary>
public sealed class ShapeSpy(MLContext ml) : IEstimator<ITransformer>
{
    public SchemaShape? Seen { get; private set; }

    public static SchemaShape ShapeOf(MLContext ml, IDataView view)
    {
        var spy = new ShapeSpy(ml);
        spy.Append(ml.Transforms.CopyColumns("Copy", view.Schema[0].Name)).Fit(view);
        return spy.Seen!;
    }

    public ITransformer Fit(IDataView input) => ml.Transforms.SelectColumns([.. input.Schema.Select(column => column.Name).Distinct()]).Fit(input);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;
}

using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// ML.NET's own transformers over an exported network: what a fitted transformer scores with before it is saved is what any application loads afterwards,
/// without this library. The network's predicted index, a vector of one, becomes a scalar key through a hash, because ML.NET has no public way from a number to
/// a key that starts at zero.
/// </summary>
internal static class ScoringChain
{
    public const string Score = "Score", PredictedLabel = "PredictedLabel";

    /// <summary>Names that exist only inside the chain.</summary>
    public const string Index = "PredictedLabel.Index";

    private const string Hashed = "PredictedLabel.Hash";

    /// <param name="onnx">The network, as the chain runs it.</param>
    /// <param name="featureColumnName">Its input.</param>
    /// <param name="featureType">That column's type.</param>
    /// <param name="classes">What the network tells apart.</param>
    public static ITransformer Create(byte[] onnx, string featureColumnName, DataViewType featureType, ClassLabels classes)
    {
        // A context of its own: the GPU that trains the network is no reason to demand one of ONNX Runtime, whose usual package has none.
        var ml = new MLContext();
        var (seed, hashes) = DistinctHashes(ml, classes.Count);
        using var stream = new MemoryStream(onnx);
        return ml.Transforms
            .ApplyOnnxModel([Score, Index], [featureColumnName], stream)
            .Append(ml.Transforms.Conversion.Hash(HashOptions(seed)))
            .Append(ml.Transforms.Conversion.ConvertType(Hashed, outputKind: DataKind.UInt32))
            .Append(classes.MapToKey(ml, hashes, PredictedLabel, Hashed))
            .Append(ml.Transforms.DropColumns(Index, Hashed))
            .Fit(EmptyView(ml, featureColumnName, featureType));
    }

    /// <summary>Hashes of 0..classCount-1 under the first seed that keeps them apart.</summary>
    private static (uint Seed, uint[] Hashes) DistinctHashes(MLContext ml, int classCount)
    {
        var indices = ml.Data.LoadFromEnumerable(Enumerable.Range(0, classCount).Select(index => new IndexRow { Value = [index] }));
        for (var seed = 0u; ; seed++)
        {
            var hashed = ml.Transforms.Conversion.Hash(HashOptions(seed))
                .Append(ml.Transforms.Conversion.ConvertType(Hashed, outputKind: DataKind.UInt32))
                .Fit(indices).Transform(indices);
            var hashes = hashed.GetColumn<uint>(Hashed).ToArray();
            if (hashes.Distinct().Count() == classCount)
                return (seed, hashes);
        }
    }

    /// <summary>None of these transformers learns from rows; they ask for the column's type.</summary>
    private static IDataView EmptyView(MLContext ml, string featureColumnName, DataViewType featureType)
    {
        var definition = SchemaDefinition.Create(typeof(FeatureRow));
        // A definition finds a column by its new name as soon as it has one.
        var features = definition[nameof(FeatureRow.Features)];
        (features.ColumnName, features.ColumnType) = (featureColumnName, featureType);
        return ml.Data.LoadFromEnumerable(Array.Empty<FeatureRow>(), definition);
    }

    private static HashingEstimator.ColumnOptions HashOptions(uint seed) =>
        new(Hashed, Index, numberOfBits: 31, seed: seed, combine: true);

    private sealed class IndexRow
    {
        [ColumnName(Index), VectorType(1)]
        public long[] Value { get; set; } = [];
    }

    private sealed class FeatureRow
    {
        public float[] Features { get; set; } = [];
    }
}

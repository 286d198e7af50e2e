using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>The classes of a key-typed label column, in the order of its key values, with the values' own type.</summary>
internal abstract class ClassLabels
{
    private const string KeyValuesAnnotation = "KeyValues";

    /// <summary>The classes as text.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    public int Count => Names.Count;

    /// <summary>Maps numbers onto a key column whose key values are these classes: the i-th number onto the i-th class.</summary>
    public abstract IEstimator<ITransformer> MapToKey(MLContext ml, IReadOnlyList<uint> numbers, string outputColumnName, string inputColumnName);

    /// <summary>Classes that are known by their names alone.</summary>
    public static ClassLabels OfNames(IReadOnlyList<string> names) => new Typed<string>(names);

    /// <param name="column">A key column; one without key values has the classes "0", "1", ... .</param>
    public static ClassLabels Of(DataViewSchema.Column column)
    {
        var count = checked((int)((KeyDataViewType)column.Type).Count);
        var annotation = column.Annotations.Schema.GetColumnOrNull(KeyValuesAnnotation);
        var item = (annotation?.Type as VectorDataViewType)?.ItemType.RawType;
        return item switch
        {
            _ when item == typeof(ReadOnlyMemory<char>) => new Typed<string>(Read<ReadOnlyMemory<char>>(column).Select(text => text.ToString())),
            _ when item == typeof(float) => new Typed<float>(Read<float>(column)),
            _ when item == typeof(double) => new Typed<double>(Read<double>(column)),
            _ when item == typeof(sbyte) => new Typed<sbyte>(Read<sbyte>(column)),
            _ when item == typeof(short) => new Typed<short>(Read<short>(column)),
            _ when item == typeof(int) => new Typed<int>(Read<int>(column)),
            _ when item == typeof(long) => new Typed<long>(Read<long>(column)),
            _ when item == typeof(byte) => new Typed<byte>(Read<byte>(column)),
            _ when item == typeof(ushort) => new Typed<ushort>(Read<ushort>(column)),
            _ when item == typeof(uint) => new Typed<uint>(Read<uint>(column)),
            _ when item == typeof(ulong) => new Typed<ulong>(Read<ulong>(column)),
            _ when item == typeof(bool) => new Typed<bool>(Read<bool>(column)),
            _ => new Typed<string>(Enumerable.Range(0, count).Select(index => index.ToString(CultureInfo.InvariantCulture))),
        };
    }

    private static IEnumerable<T> Read<T>(DataViewSchema.Column column)
    {
        var values = default(VBuffer<T>);
        column.Annotations.GetValue(KeyValuesAnnotation, ref values);
        return values.DenseValues();
    }

    private sealed class Typed<T>(IEnumerable<T> values) : ClassLabels
        where T : notnull
    {
        private readonly T[] values = [.. values];

        public override IReadOnlyList<string> Names => field ??= [.. values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")];

        public override IEstimator<ITransformer> MapToKey(MLContext ml, IReadOnlyList<uint> numbers, string outputColumnName, string inputColumnName)
        {
            // The keys are given, because MapValue's own keys know their values as text only.
            var keys = ml.Data.LoadFromEnumerable(values.Select(value => new KeyRow { Value = value }));
            return ml.Transforms.Conversion
                .MapValue(outputColumnName, numbers.Zip(values, (number, value) => new KeyValuePair<uint, T>(number, value)), inputColumnName)
                .Append(ml.Transforms.Conversion.MapValueToKey(outputColumnName, outputColumnName, maximumNumberOfKeys: values.Length, keyData: keys));
        }

        private sealed class KeyRow
        {
            public T Value { get; set; } = default!;
        }
    }
}

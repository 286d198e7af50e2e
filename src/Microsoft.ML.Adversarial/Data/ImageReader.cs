using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Streams the labelled images of a data view, row by row, in [0, 1]; whatever is no image of the stated format is refused with its row.
/// </summary>
internal sealed class ImageReader
{
    private readonly IDataView view;
    private readonly DataViewSchema.Column features, label;
    private readonly DataViewSchema.Column[] texts;
    private readonly ImageFormat format;

    /// <param name="view">The data.</param>
    /// <param name="featureColumnName">Images in the given format.</param>
    /// <param name="labelColumnName">A key.</param>
    /// <param name="format">How the column holds an image.</param>
    public ImageReader(IDataView view, string featureColumnName, string labelColumnName, ImageFormat format)
    {
        this.view = view;
        this.format = format;
        features = view.Schema[featureColumnName];
        label = view.Schema[labelColumnName];
        texts = [.. view.Schema.Where(column => !column.IsHidden && column.Type is TextDataViewType)];
    }

    public ImageFormat Format => format;

    /// <summary>What to do with a row whose image cannot be read.</summary>
    public UnreadableImages Unreadable { get; init; }

    /// <summary>Whether a row belongs to what is read; images of other rows are not touched.</summary>
    public Func<long, bool> Includes { get; init; } = _ => true;

    /// <summary>Stops a pass at the next row.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Rows left out in the last pass, and what the first of them said.</summary>
    public (int Count, string? First) Skipped { get; private set; }

    /// <summary>Images black in every pixel in the last pass, and the row of the first.</summary>
    public (int Count, string? First) Black { get; private set; }

    /// <summary>The largest pixel value seen so far, on the column's own scale.</summary>
    public float HighestValue { get; private set; } = float.NegativeInfinity;

    /// <summary>The labels alone, from 0, -1 where one is missing; images are not touched.</summary>
    public IEnumerable<int> ReadLabels()
    {
        using var cursor = Cursor(label);
        var getLabel = KeyGetter(cursor);
        while (cursor.MoveNext())
        {
            Cancellation.ThrowIfCancellationRequested();
            if (Includes(cursor.Position))
                yield return getLabel() - 1;
        }
    }

    /// <param name="isNeeded">Whether the image is, by its number among those that belong to what is read; of the others nothing is touched, and a place is left. Null for all of them.</param>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label; the message names it.</exception>
    public IEnumerable<PackedImage> Read(Func<int, bool>? isNeeded = null)
    {
        using var cursor = Cursor([features, label, .. texts]);
        var image = format.Open(cursor, features);
        var getLabel = KeyGetter(cursor);
        var pixels = new float[format.Shape.Length];
        (Skipped, Black) = (default, default);
        var number = 0;
        while (cursor.MoveNext())
        {
            Cancellation.ThrowIfCancellationRequested();
            if (!Includes(cursor.Position))
                continue;
            if (isNeeded?.Invoke(number++) == false)
            {
                yield return PackedImage.Untouched;
                continue;
            }
            if (FailureOf(image) is { } failure)
            {
                var complaint = $"{Describe(cursor)}: the image in column '{features.Name}' cannot be read; expected an image file of a known format. {failure.Message}";
                if (Unreadable == UnreadableImages.Throw)
                    throw new InvalidDataException(complaint, failure);
                Skipped = (Skipped.Count + 1, Skipped.First ?? complaint);
                continue;
            }

            Convert(image, pixels, cursor);
            if (!pixels.AsSpan().ContainsAnyExcept(0))
                Black = (Black.Count + 1, Black.First ?? Describe(cursor));
            var key = getLabel();
            if (key == 0)
                throw new InvalidDataException($"{Describe(cursor)}: the label in column '{label.Name}' is missing, or none of the column's {((KeyDataViewType)label.Type).Count} key values; expected one of them.");
            yield return new PackedImage(cursor.Position, key - 1, pixels);
        }
    }

    /// <summary>A set of one cursor stays on one thread: rows keep their order, and an exception belongs to the row that raised it.</summary>
    private DataViewRowCursor Cursor(params IEnumerable<DataViewSchema.Column> columns) => view.GetRowCursorSet(columns, 1)[0];

    /// <returns>Why there is no image; null where there is one.</returns>
    private static Exception? FailureOf(ImageCell image)
    {
        try
        {
            image.Fetch();
            return null;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            return exception;
        }
    }

    private void Convert(ImageCell image, float[] pixels, DataViewRow row)
    {
        try
        {
            HighestValue = Math.Max(HighestValue, image.CopyTo(pixels));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{Describe(row)}: {exception.Message}", exception);
        }
    }

    /// <summary>The row's number and its text columns: among them, as a rule, the path of the image.</summary>
    private string Describe(DataViewRow row)
    {
        var number = row.Position.ToString(CultureInfo.InvariantCulture);
        var named = texts.Select(column =>
        {
            var text = default(ReadOnlyMemory<char>);
            row.GetGetter<ReadOnlyMemory<char>>(column)(ref text);
            return $"{column.Name} = '{text}'";
        });
        return texts.Length == 0 ? $"Row {number}" : $"Row {number} ({string.Join(", ", named)})";
    }

    /// <summary>Key values count from 1; 0 is a missing one.</summary>
    private Func<int> KeyGetter(DataViewRow row)
    {
        return label.Type.RawType switch
        {
            var type when type == typeof(byte) => Getter<byte>(),
            var type when type == typeof(ushort) => Getter<ushort>(),
            var type when type == typeof(uint) => Getter<uint>(),
            _ => Getter<ulong>(),
        };

        Func<int> Getter<T>()
            where T : unmanaged, System.Numerics.INumber<T>
        {
            var getter = row.GetGetter<T>(label);
            var value = default(T);
            return () =>
            {
                getter(ref value);
                return int.CreateChecked(value);
            };
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Samples.PaperStudy.Results;

/// <summary>How a result looks in its file.</summary>
public static class ResultJson
{
    public static JsonSerializerOptions Format { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // A setting left out would pass for its default.
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public static JsonObject ToNode(CellSettings settings) => JsonSerializer.SerializeToNode(settings, Format)!.AsObject();

    public static void Write(string path, CellResult result) => File.WriteAllText(path, JsonSerializer.Serialize(result, Format) + "\n");

    /// <exception cref="InvalidDataException">The file holds no result.</exception>
    public static CellResult Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<CellResult>(File.ReadAllText(path), Format) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is not the result of a cell: {exception.Message} Delete the file to run the cell again.", exception);
        }
    }
}

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

    public static JsonObject ToNode<TSettings>(TSettings settings) => JsonSerializer.SerializeToNode(settings, Format)!.AsObject();

    public static void Write<TResult>(string path, TResult result) => File.WriteAllText(path, JsonSerializer.Serialize(result, Format) + "\n");

    /// <exception cref="InvalidDataException">The file holds no result.</exception>
    public static TResult Read<TResult>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<TResult>(File.ReadAllText(path), Format) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is not the result of a cell: {exception.Message} Delete the file to run the cell again.", exception);
        }
    }

    /// <summary>The first setting that is not the same, with both values; null where all are.</summary>
    public static string? Difference<TSettings>(TSettings there, TSettings here)
    {
        var (theirs, ours) = (ToNode(there), ToNode(here));
        var name = ours.Select(setting => setting.Key).FirstOrDefault(key => !JsonNode.DeepEquals(theirs[key], ours[key]));
        return name is null ? null : $"{name} is {Text(theirs[name])} there and {Text(ours[name])} here";
    }

    private static string Text(JsonNode? value) => value?.ToJsonString(Format) ?? "not given";
}

using System.Runtime.CompilerServices;
using Mono.Cecil;

namespace Microsoft.ML.Adversarial.Tests;

/// <summary>The arrows between the library's rooms (ARCHITECTURE, section 4), read from the built assembly.</summary>
public class ArchitectureTests
{
    private const string Library = "Microsoft.ML.Adversarial";

    /// <summary>Each room and the rooms right below it; whatever those may use, it may use too. The root is "".</summary>
    private static readonly Dictionary<string, string[]> Below = new()
    {
        [""] = ["Selection"],
        ["Selection"] = ["Components"],
        ["Components"] = ["Training", "Onnx", "Data"],
        ["Training"] = ["Evaluation"],
        ["Evaluation"] = ["Attacks"],
        ["Attacks"] = ["Networks"],
        ["Networks"] = ["Common"],
        ["Onnx"] = ["Networks"],
        ["Data"] = ["Common"],
        ["Common"] = [],
    };

    private static readonly string[] RoomsThatKnowMLNet = ["", "Selection", "Components", "Data"];

    [Fact]
    public void Arrows_between_rooms_point_down()
    {
        using var library = ReadLibrary();
        var violations = Violations(library.Types).ToList();

        Assert.True(violations.Count == 0, string.Join('\n', violations.Prepend($"{violations.Count} mentions point upwards:")));
    }

    [Fact]
    public void Every_type_lives_in_the_namespace_of_its_folder()
    {
        using var library = ReadLibrary();

        var strays =
            from type in library.Types
            let folder = FolderOf(type)
            where folder is not null && type.FullName != "Microsoft.ML.MLContextExtensions" && type.Namespace != (Library + "." + folder).TrimEnd('.')
            select $"{type.FullName} lies in the folder '{folder}'";

        Assert.Equal([], strays);
        Assert.True(library.Types.Count(type => FolderOf(type) is not null) > 50, "the debug symbols name no source files");
    }

    [Fact]
    public void Every_room_is_a_known_one()
    {
        using var library = ReadLibrary();

        Assert.Equal([], library.Types.Where(IsWritten).Select(RoomOf).OfType<string>().Distinct().Except(Below.Keys));
    }

    private static ModuleDefinition ReadLibrary() =>
        ModuleDefinition.ReadModule(typeof(AdversarialCatalog).Assembly.Location, new ReaderParameters { ReadSymbols = true });

    private static IEnumerable<string> Violations(IEnumerable<TypeDefinition> types) =>
        (from type in types
         let room = RoomOf(type)
         where room is not null
         from mention in AssemblyRooms.MentionedBy(type)
         let complaint = Complaint(room, mention.Mentioned)
         where complaint is not null
         select $"{Shown(room)} must not know {complaint}: {mention.Member}").Distinct();

    private static string? Complaint(string room, TypeReference mentioned)
    {
        if (RoomOf(mentioned) is { } other)
            return room == other || Reachable(room).Contains(other) ? null : $"{Shown(other)} ({mentioned.FullName})";
        var assembly = (mentioned.Scope as AssemblyNameReference)?.Name ?? "";
        return assembly.StartsWith("Microsoft.ML", StringComparison.Ordinal) && !RoomsThatKnowMLNet.Contains(room) ? $"{assembly} ({mentioned.FullName})" : null;
    }

    private static HashSet<string> Reachable(string room) => [.. Below[room].SelectMany(lower => Reachable(lower).Append(lower))];

    /// <summary>The first part of the namespace behind the library's own; null for what is not the library's or what the compiler added.</summary>
    private static string? RoomOf(TypeReference type)
    {
        var outermost = type;
        while (outermost.DeclaringType is { } outer)
            outermost = outer;
        if (outermost.Scope is AssemblyNameReference)
            return null;
        if (outermost.Namespace is Library or "Microsoft.ML")
            return "";
        return outermost.Namespace.StartsWith(Library + ".", StringComparison.Ordinal) ? outermost.Namespace[(Library.Length + 1)..].Split('.')[0] : null;
    }

    private static string Shown(string room) => room.Length == 0 ? "(root)" : room;

    private static bool IsWritten(TypeDefinition type) =>
        type.CustomAttributes.All(attribute => attribute.AttributeType.Name != nameof(CompilerGeneratedAttribute));

    /// <summary>The folder below the library's own that holds the type's source; null where no method tells it or where the source is generated.</summary>
    private static string? FolderOf(TypeDefinition type)
    {
        var source = type.NestedTypes.Prepend(type)
            .SelectMany(part => part.Methods)
            .Where(method => method.DebugInformation.HasSequencePoints)
            .Select(method => method.DebugInformation.SequencePoints[0].Document.Url.Replace('\\', '/'))
            .FirstOrDefault(url => !url.Contains("/obj/", StringComparison.Ordinal));
        var marker = $"/src/{Library}/";
        var at = source?.LastIndexOf(marker, StringComparison.Ordinal) ?? -1;
        return at < 0 ? null : Path.GetDirectoryName(source![(at + marker.Length)..])!.Replace('/', '.');
    }
}

using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Mono.Cecil;

namespace Microsoft.ML.Adversarial.Tests;

/// <summary>The arrows between the library's rooms (ARCHITECTURE, section 5): mentions are read from the built assembly, rooms from the folders of the source.</summary>
public partial class ArchitectureTests
{
    private const string Library = "Microsoft.ML.Adversarial";

    /// <summary>Each room and the rooms right below it; whatever those may use, it may use too. The root is "".</summary>
    private static readonly Dictionary<string, string[]> Below = new()
    {
        [""] = ["Selection"],
        ["Selection"] = ["Components"],
        ["Components"] = ["Training", "Onnx", "Data"],
        ["Training"] = ["Evaluation", "Onnx"],
        ["Evaluation"] = ["Attacks"],
        ["Attacks"] = ["Networks"],
        ["Networks"] = ["Distributed"],
        ["Onnx"] = ["Networks"],
        ["Data"] = ["Distributed"],
        ["Distributed"] = ["Common"],
        ["Common"] = [],
    };

    private static readonly Dictionary<string, string> RoomByType = ReadRooms();

    private static readonly string[] RoomsThatKnowMLNet = ["", "Selection", "Components", "Data"];

    [Fact]
    public void Arrows_between_rooms_point_down()
    {
        using var library = ReadLibrary();
        var violations = Violations(library.Types).ToList();

        Assert.True(violations.Count == 0, string.Join('\n', violations.Prepend($"{violations.Count} mentions point upwards:")));
    }

    [Fact]
    public void Everything_written_is_in_one_namespace_and_its_source_tells_the_room()
    {
        using var library = ReadLibrary();
        var written = library.Types.Where(type => IsWritten(type) && !IsGenerated(type)).ToList();

        Assert.Equal(["Microsoft.ML.MLContextExtensions"], written.Where(type => type.Namespace != Library).Select(type => type.FullName));
        Assert.Equal([], written.Where(type => RoomOf(type) is null).Select(type => type.FullName));
        Assert.True(written.Count > 50, "the library has hardly any types");
    }

    [Fact]
    public void Every_room_is_a_known_one() =>
        Assert.Equal([], RoomByType.Values.Distinct().Except(Below.Keys));

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
        // ONNX Runtime is no part of ML.NET, whatever its name begins with; the room of its files may ask it.
        if (assembly == "Microsoft.ML.OnnxRuntime" && room == "Onnx")
            return null;
        return assembly.StartsWith("Microsoft.ML", StringComparison.Ordinal) && !RoomsThatKnowMLNet.Contains(room) ? $"{assembly} ({mentioned.FullName})" : null;
    }

    private static HashSet<string> Reachable(string room) => [.. Below[room].SelectMany(lower => Reachable(lower).Append(lower))];

    /// <summary>The room of the outermost type; null for what is not the library's or what the compiler added.</summary>
    private static string? RoomOf(TypeReference type)
    {
        var outermost = type;
        while (outermost.DeclaringType is { } outer)
            outermost = outer;
        if (outermost.Scope is AssemblyNameReference)
            return null;
        return IsGenerated(outermost) ? "Onnx" : RoomByType.GetValueOrDefault(outermost.Name.Split('`')[0]);
    }

    /// <summary>What the compiler of protocol buffers makes.</summary>
    private static bool IsGenerated(TypeReference type) => type.Namespace == Library + ".Onnx.Format";

    /// <summary>The first folder below the library's own that declares each type; the files of a partial one lie in one room.</summary>
    private static Dictionary<string, string> ReadRooms([CallerFilePath] string thisFile = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "src", Library));
        var rooms = new Dictionary<string, string>();
        foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            var folders = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[..^1];
            if (folders is ["bin" or "obj", ..])
                continue;
            foreach (Match declaration in Declaration().Matches(File.ReadAllText(file)))
            {
                var (type, room) = (declaration.Groups[1].Value, folders.FirstOrDefault(""));
                if (!rooms.TryAdd(type, room) && (rooms[type] != room || !declaration.Value.Contains("partial ", StringComparison.Ordinal)))
                    throw new InvalidOperationException($"{type} is declared in {Shown(rooms[type])} and again in {file}.");
            }
        }
        return rooms;
    }

    [GeneratedRegex(@"^(?:[a-z]+ )*(?:class|record|interface|enum|struct|delegate) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    private static string Shown(string room) => room.Length == 0 ? "(root)" : room;

    private static bool IsWritten(TypeDefinition type) =>
        !type.Name.StartsWith('<') && type.CustomAttributes.All(attribute => attribute.AttributeType.Name != nameof(CompilerGeneratedAttribute));
}

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>What an editor shows beside a verb and beside a type of options: each has an example, or names the overload whose example is its own.</summary>
public class ExampleTests
{
    private static readonly Dictionary<string, XElement> Documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.Adversarial.xml"))
        .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    [Fact]
    public void Every_verb_has_an_example()
    {
        var verbs = Verbs().Select(Name).ToList();

        Assert.True(verbs.Count >= 15, $"{verbs.Count} verbs");
        AssertExamples(verbs);
    }

    [Fact]
    public void Every_type_of_options_has_an_example()
    {
        // Nobody makes an abstract one: those derived from it show its properties.
        var options = typeof(AdversarialCatalog).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type.Name.EndsWith("Settings", StringComparison.Ordinal)))
            .Select(type => $"T:{type.FullName}").ToList();

        Assert.True(options.Count >= 9, $"{options.Count} types of options");
        AssertExamples(options);
    }

    /// <summary>The extension methods, and the methods of the catalogs that they lead to.</summary>
    private static IEnumerable<MethodInfo> Verbs()
    {
        var types = typeof(AdversarialCatalog).Assembly.GetExportedTypes();
        var extensions = types.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static)).Where(method => method.IsDefined(typeof(ExtensionAttribute)));
        var catalogs = types.Where(type => type.Name.EndsWith("Catalog", StringComparison.Ordinal))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)).Where(method => !method.IsSpecialName);
        return extensions.Concat(catalogs);
    }

    private static void AssertExamples(IEnumerable<string> names)
    {
        var without = names.Where(name => !HasExample(name)).ToList();
        Assert.True(without.Count == 0, string.Join('\n', without.Prepend($"{without.Count} have no example:")));
    }

    private static bool HasExample(string name) =>
        Documentation.TryGetValue(name, out var member)
        && (member.Element("example")?.Element("code") is not null
            || member.Elements("inheritdoc").Any(other => other.Attribute("path")?.Value == "/example" && HasExample(other.Attribute("cref")!.Value)));

    /// <summary>As the compiler writes it.</summary>
    private static string Name(MethodInfo method) =>
        $"M:{method.DeclaringType!.FullName}.{method.Name}({string.Join(',', method.GetParameters().Select(parameter => Name(parameter.ParameterType)))})";

    private static string Name(Type type)
    {
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[]";
        var name = type.FullName is { } full && !type.IsGenericType ? full : $"{type.Namespace}.{type.Name.Split('`')[0]}";
        return type.IsGenericType ? $"{name}{{{string.Join(',', type.GetGenericArguments().Select(Name))}}}" : name;
    }
}

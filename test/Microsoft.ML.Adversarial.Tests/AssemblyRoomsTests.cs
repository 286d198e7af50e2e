using Mono.Cecil;

namespace Microsoft.ML.Adversarial.Tests;

/// <summary>The architecture test is worth as much as its eyes.</summary>
public class AssemblyRoomsTests
{
    /// <summary>Each fixture mentions the wanted type in one place of its own.</summary>
    [Theory]
    [InlineData(nameof(Mentions.Base))]
    [InlineData(nameof(Mentions.Interface))]
    [InlineData(nameof(Mentions.Field))]
    [InlineData(nameof(Mentions.Parameter))]
    [InlineData(nameof(Mentions.Result))]
    [InlineData(nameof(Mentions.GenericArgument))]
    [InlineData(nameof(Mentions.GenericConstraint))]
    [InlineData(nameof(Mentions.AttributeArgument))]
    [InlineData(nameof(Mentions.Call))]
    [InlineData(nameof(Mentions.Lambda))]
    [InlineData(nameof(Mentions.Iterator))]
    [InlineData(nameof(Mentions.CatchClause))]
    [InlineData(nameof(Mentions.GenericCall))]
    public void A_mention_is_seen_wherever_it_stands(string place)
    {
        using var tests = ModuleDefinition.ReadModule(typeof(AssemblyRoomsTests).Assembly.Location);
        var fixture = tests.GetType(typeof(Mentions).FullName!.Replace('+', '/') + "/" + place);

        var mentioned = AssemblyRooms.MentionedBy(fixture).Select(mention => mention.Mentioned.Name);

        Assert.Contains(mentioned, name => name is nameof(IWanted) or nameof(WantedException));
    }

    internal interface IWanted;

    internal sealed class WantedException : Exception;

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class WantedAttribute(Type type) : Attribute
    {
        public Type Type { get; } = type;
    }

    private static class Mentions
    {
        public sealed class Base : List<IWanted>;

        public sealed class Interface : IWanted;

        public sealed class Field
        {
            public const IWanted[]? Value = null;
        }

        public sealed class Parameter
        {
            public static bool Method(ref readonly IWanted? value) => value is null;
        }

        public sealed class Result
        {
            public static IWanted? Method() => null;
        }

        public sealed class GenericArgument
        {
            public static Dictionary<string, List<IWanted>>? Method() => null;
        }

        public sealed class GenericConstraint
        {
            public static bool Method<T>(T? value)
                where T : class, IWanted => value is null;
        }

        [Wanted(typeof(IWanted))]
        public sealed class AttributeArgument;

        public sealed class Call
        {
            public static string Method() => typeof(IWanted).Name;
        }

        public sealed class Lambda
        {
            public static Func<object, bool> Method() => value => value is IWanted;
        }

        public sealed class Iterator
        {
            public static IEnumerable<bool> Method(object value)
            {
                yield return value is IWanted;
            }
        }

        public sealed class CatchClause
        {
            public static bool Method(Action action)
            {
                try
                {
                    action();
                    return true;
                }
                catch (WantedException)
                {
                    return false;
                }
            }
        }

        public sealed class GenericCall
        {
            public static int Method() => Array.Empty<IWanted>().Length;
        }
    }
}

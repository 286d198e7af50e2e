using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Microsoft.ML.Adversarial.Tests;

/// <summary>Reads which type of an assembly mentions which other type, wherever the language lets a type be mentioned.</summary>
internal static class AssemblyRooms
{
    /// <returns>Every type that the type mentions, with the member that does so; its nested types, compiler-generated ones included, count as its own.</returns>
    public static IEnumerable<(string Member, TypeReference Mentioned)> MentionedBy(TypeDefinition type) =>
        (from mention in Shallow(type)
         from part in Parts(mention.Mentioned)
         select (mention.Member, part)).Concat(type.NestedTypes.SelectMany(MentionedBy));

    private static IEnumerable<(string Member, TypeReference? Mentioned)> Shallow(TypeDefinition type)
    {
        IEnumerable<TypeReference?> ofType = [type.BaseType, .. type.Interfaces.Select(i => i.InterfaceType), .. OfGenerics(type.GenericParameters), .. OfAttributes(type)];
        IEnumerable<(IMemberDefinition Member, IEnumerable<TypeReference?> Mentioned)> ofMembers =
        [
            .. type.Fields.Select(field => ((IMemberDefinition)field, OfAttributes(field).Append(field.FieldType))),
            .. type.Properties.Select(property => ((IMemberDefinition)property, OfAttributes(property).Append(property.PropertyType))),
            .. type.Events.Select(raised => ((IMemberDefinition)raised, OfAttributes(raised).Append(raised.EventType))),
            .. type.Methods.Select(method => ((IMemberDefinition)method, OfMethod(method))),
        ];
        return ofType.Select(mentioned => (type.FullName, mentioned))
            .Concat(ofMembers.SelectMany(member => member.Mentioned.Select(mentioned => (member.Member.FullName, mentioned))));
    }

    private static IEnumerable<TypeReference?> OfMethod(MethodDefinition method)
    {
        IEnumerable<TypeReference?> signature =
        [
            .. OfAttributes(method), .. OfSignature(method), .. OfGenerics(method.GenericParameters), .. OfAttributes(method.MethodReturnType),
            .. method.Parameters.SelectMany(OfAttributes), .. method.Overrides.SelectMany(OfReference),
        ];
        return method.HasBody ? signature.Concat(OfBody(method.Body)) : signature;
    }

    private static IEnumerable<TypeReference?> OfBody(MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(OfInstruction),
    ];

    private static IEnumerable<TypeReference?> OfInstruction(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method => OfReference(method),
        FieldReference field => [field.DeclaringType, field.FieldType],
        IMethodSignature site => OfSignature(site),
        _ => [],
    };

    private static IEnumerable<TypeReference?> OfReference(MethodReference method) =>
    [
        method.DeclaringType, .. OfSignature(method), .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
    ];

    private static IEnumerable<TypeReference?> OfSignature(IMethodSignature signature) =>
        signature.Parameters.Select(parameter => parameter.ParameterType).Append(signature.ReturnType);

    private static IEnumerable<TypeReference?> OfGenerics(IEnumerable<GenericParameter> parameters) =>
        parameters.SelectMany(parameter => OfAttributes(parameter).Concat(parameter.Constraints.Select(constraint => constraint.ConstraintType)));

    private static IEnumerable<TypeReference?> OfAttributes(ICustomAttributeProvider provider) =>
        provider.CustomAttributes.SelectMany(attribute => attribute.ConstructorArguments
            .Concat(attribute.Properties.Select(named => named.Argument))
            .Concat(attribute.Fields.Select(named => named.Argument))
            .SelectMany(OfArgument)
            .Append(attribute.AttributeType));

    private static IEnumerable<TypeReference?> OfArgument(CustomAttributeArgument argument) => argument.Value switch
    {
        TypeReference type => [argument.Type, type],
        CustomAttributeArgument boxed => OfArgument(boxed),
        CustomAttributeArgument[] many => many.SelectMany(OfArgument),
        _ => [argument.Type],
    };

    /// <summary>A type and the types it is put together from: elements of arrays, generic arguments, modifiers.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [.. Parts(generic.ElementType), .. generic.GenericArguments.SelectMany(Parts)],
        FunctionPointerType pointer => OfSignature(pointer).SelectMany(Parts),
        IModifierType modified => [.. Parts(modified.ElementType), .. Parts(modified.ModifierType)],
        TypeSpecification wrapped => Parts(wrapped.ElementType),
        _ => [type],
    };
}

using System.Text.RegularExpressions;
using Mono.Cecil;

namespace Microsoft.ML.Adversarial.Tests;

/// <summary>Reads which type of an assembly waits for a tensor's numbers: a GPU has then done all that it was given, and idles until it is given more.</summary>
internal static partial class HostCopies
{
    /// <returns>Each call, named as its operation; nested types, compiler-generated ones included, count as their type's.</returns>
    public static IEnumerable<string> In(TypeDefinition type) =>
        (from method in type.Methods
         where method.HasBody
         from instruction in method.Body.Instructions
         let operation = Operation(instruction.Operand)
         where operation is not null
         select operation).Concat(type.NestedTypes.SelectMany(In));

    private static string? Operation(object? mentioned) => mentioned switch
    {
        MethodReference method when IsOfTorch(method) && IsOfATensor(method) && Waits().IsMatch(method.Name) => method.Name.Replace("get_", "", StringComparison.Ordinal),
        // As a device to move a tensor to.
        FieldReference { Name: "CPU", DeclaringType.FullName: "TorchSharp.torch" } => "CPU",
        _ => null,
    };

    private static bool IsOfTorch(MethodReference method) => method.DeclaringType.FullName.StartsWith("TorchSharp.", StringComparison.Ordinal);

    private static bool IsOfATensor(MethodReference method) =>
        IsTensor(method.DeclaringType) || (method.Parameters.Count > 0 && IsTensor(method.Parameters[0].ParameterType));

    private static bool IsTensor(TypeReference type) => type.FullName == "TorchSharp.torch/Tensor";

    /// <summary>Those that give numbers to .NET, and those whose result's shape depends on numbers. Setting bytes is a copy, too.</summary>
    [GeneratedRegex(
        "^(cpu|item|data|[gs]et_bytes|numpy|print|str|jlstr|npstr|op_Explicit|To[A-Z].*|ReadCpu.*|WriteBytes.*|ReadBytes.*|Equals|allclose|is_nonzero|nonzero.*|argwhere|masked_select|unique.*|bincount)$")]
    private static partial Regex Waits();
}

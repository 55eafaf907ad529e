using System.Reflection;
using ILGPU;

namespace Seal.Kernels.Tests.Ilgpu;

/// <summary>Where the fields of a kernel's argument lie by the documented rule, worked out from the struct's declaration.</summary>
/// <param name="Fields">Every field and its offset, in declared order.</param>
/// <param name="Types">The PTX type that is read at each offset.</param>
internal sealed record ArgumentLayout(IReadOnlyList<(FieldInfo Field, int Offset)> Fields, Dictionary<int, string> Types, int Bytes)
{
    public static ArgumentLayout Of(Type arguments)
    {
        List<(FieldInfo, int)> fields = [];
        Dictionary<int, string> types = [];
        int end = 0;
        foreach (FieldInfo member in arguments.GetFields(BindingFlags.Instance | BindingFlags.Public).OrderBy(member => member.MetadataToken))
        {
            if (IsView(member.FieldType))
            {
                end = (end + 7) / 8 * 8;
                fields.Add((member, end));
                types[end] = types[end + 8] = "b64";
                end += 16;
                continue;
            }
            fields.Add((member, end));
            types[end] = member.FieldType == typeof(float) ? "f32" : member.FieldType == typeof(int) ? "b32" : throw new NotSupportedException($"{member}");
            end += 4;
        }
        return new ArgumentLayout(fields, types, (end + 7) / 8 * 8);
    }

    public static bool IsView(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>);
}

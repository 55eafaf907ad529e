using System.Reflection;
using ILGPU;
using Seal.Kernels.Ilgpu;

namespace Seal.Kernels.Tests.Ilgpu;

/// <summary>The bytes of a kernel's parameter hold every field at its place.</summary>
public class ParameterTests
{
    private static IEnumerable<Type> Arguments => Ptx.KernelsOf(DType.BF16).Concat(Ptx.KernelsOf(DType.F32))
        .Select(kernel => kernel.Body.GetParameters().Single().ParameterType).Distinct();

    [Test]
    public void EveryFieldIsPackedAtItsPlace()
    {
        foreach (Type type in Arguments)
            typeof(ParameterTests).GetMethod(nameof(Check), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type).Invoke(null, null);
        Assert.That(Arguments.Count(), Is.GreaterThan(20));
    }

    private static void Check<T>() where T : struct, IArguments
    {
        ArgumentLayout layout = ArgumentLayout.Of(typeof(T));
        object arguments = default(T);
        byte[] expected = new byte[layout.Bytes];
        for (int i = 0; i < layout.Fields.Count; i++)
        {
            (FieldInfo field, int offset) = layout.Fields[i];
            if (ArgumentLayout.IsView(field.FieldType))
            {
                int size = ElementSize(field.FieldType);
                long index = 0x1_0000_0000L + 100 * i, length = 7 + i;
                field.SetValue(arguments, Activator.CreateInstance(field.FieldType, null, index, length));
                BitConverter.TryWriteBytes(expected.AsSpan(offset), index * size);
                BitConverter.TryWriteBytes(expected.AsSpan(offset + 8), length);
            }
            else if (field.FieldType == typeof(int))
            {
                field.SetValue(arguments, 1000 + i);
                BitConverter.TryWriteBytes(expected.AsSpan(offset), 1000 + i);
            }
            else
            {
                field.SetValue(arguments, 0.5f + i);
                BitConverter.TryWriteBytes(expected.AsSpan(offset), 0.5f + i);
            }
        }
        ParameterBytes bytes = new(new byte[ParameterBytes.Capacity]);
        ((T)arguments).Pack(ref bytes);
        Assert.That(bytes.Padded().ToArray(), Is.EqualTo(expected), typeof(T).Name);
    }

    private static int ElementSize(Type view) => (int)view.GetField("ElementSize", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
}

using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// A kernel: a static method, compiled by ILGPU for whatever runs it. Explicitly grouped, one dimension; its groups share a list of items in
/// strides of the grid, so any number of groups is right.
/// </summary>
internal abstract class Kernel(MethodInfo body)
{
    public MethodInfo Body { get; } = body;

    /// <summary>Method and element type, as reports name it.</summary>
    public string Name => $"{Body.Name}<{string.Join(", ", Body.DeclaringType!.GetGenericArguments().Concat(Body.GetGenericArguments()).Select(type => type.Name))}>";

    /// <summary>Bytes of its parameter by the documented ABI.</summary>
    public abstract int ParameterLength { get; }
}

internal sealed class Kernel<TArguments>(Action<TArguments> body) : Kernel(body.Method) where TArguments : struct, IArguments
{
    private readonly Lock _gate = new();
    private Action<KernelConfig, TArguments>? _simulated;

    public override int ParameterLength
    {
        get
        {
            ParameterBytes bytes = new(stackalloc byte[ParameterBytes.Capacity]);
            default(TArguments).Pack(ref bytes);
            return bytes.PaddedLength;
        }
    }

    /// <summary>The launch on the process's CPU accelerator, compiled once.</summary>
    public Action<KernelConfig, TArguments> Simulated(Accelerator accelerator)
    {
        lock (_gate)
            return _simulated ??= accelerator.LoadStreamKernel(body);
    }
}

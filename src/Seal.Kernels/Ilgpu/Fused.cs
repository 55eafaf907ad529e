using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// a · b + c, rounded once: <c>fma.rn.f32</c> on a GPU, the processor's own instruction on the CPU accelerator. ILGPU has no such operation:
/// it leaves the contraction of a product and a sum to the driver's assembler, which nothing here could check.
/// </summary>
internal static class Fused
{
    [IntrinsicImplementation]
    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static void Register(IntrinsicImplementationManager manager) => manager.RegisterMethod(
        typeof(Fused).GetMethod(nameof(MultiplyAdd))!, new PTXIntrinsic(typeof(Fused), nameof(Generate), IntrinsicImplementationMode.GenerateCode));

    /// <summary>Found by name: writes the instruction in place of the call.</summary>
    public static void Generate(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        MethodCall call = (MethodCall)value;
        var a = generator.LoadPrimitive(call[0]);
        var b = generator.LoadPrimitive(call[1]);
        var c = generator.LoadPrimitive(call[2]);
        var result = generator.AllocateHardware(value);
        using PTXCodeGenerator.CommandEmitter command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(result);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }
}

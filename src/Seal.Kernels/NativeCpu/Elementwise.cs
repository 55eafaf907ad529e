using System.Runtime.InteropServices;
using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Add(DeviceBuffer x, DeviceBuffer y) =>
        LibSeal.seal_add(_engine, x.NativeType(), x.Pointer, y.Pointer, y.Elements).ThrowOnFailure();

    public override void Cast(DeviceBuffer x, DeviceBuffer y) =>
        LibSeal.seal_cast(_engine, x.NativeType(), x.Pointer, y.NativeType(), y.Pointer, y.Elements).ThrowOnFailure();

    public override unsafe void Zero(DeviceBuffer y) => NativeMemory.Clear((void*)y.Pointer, checked((nuint)y.Bytes));
}

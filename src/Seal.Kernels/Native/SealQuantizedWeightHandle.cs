using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>Owns a frozen matrix that libseal keeps in blocks.</summary>
internal sealed class SealQuantizedWeightHandle : SafeHandle
{
    public SealQuantizedWeightHandle() : base(0, ownsHandle: true) { }

    public override bool IsInvalid => handle == 0;

    /// <summary>For the members of a group, which cross the border as a table; whoever passes it keeps the weight alive.</summary>
    public nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibSeal.seal_quantized_weight_destroy(handle);
        return true;
    }
}

using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>Owns a frozen matrix that libseal packed.</summary>
internal sealed class SealWeightHandle : SafeHandle
{
    public SealWeightHandle() : base(0, ownsHandle: true) { }

    public override bool IsInvalid => handle == 0;

    /// <summary>For the members of a group, which cross the border as a table; whoever passes it keeps the weight alive.</summary>
    public nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibSeal.seal_weight_destroy(handle);
        return true;
    }
}

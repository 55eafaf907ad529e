using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>Owns the packed factors of an adapter set.</summary>
internal sealed class SealAdaptersHandle : SafeHandle
{
    public SealAdaptersHandle() : base(0, ownsHandle: true) { }

    public override bool IsInvalid => handle == 0;

    /// <summary>For the struct that crosses the border; whoever passes it keeps the set alive.</summary>
    public nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibSeal.seal_adapters_destroy(handle);
        return true;
    }
}

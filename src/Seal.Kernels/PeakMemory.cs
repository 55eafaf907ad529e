using System.Diagnostics;

namespace Seal.Kernels;

/// <summary>The most memory that this process has had resident, in millions of bytes: on Linux VmHWM of /proc/self/status.</summary>
public static class PeakMemory
{
    public static double Megabytes
    {
        get
        {
            using Process self = Process.GetCurrentProcess();
            return self.PeakWorkingSet64 / 1e6;
        }
    }
}

using System.Runtime.CompilerServices;
using Seal.Kernels;

namespace Seal.Models.Text.Jinja;

internal static class JinjaStack
{
    /// <summary>A template or value nested so deep that the thread's stack would overflow is an error, not a crash.</summary>
    public static void Check(string name)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SealException($"{name}: nested too deep");
    }
}

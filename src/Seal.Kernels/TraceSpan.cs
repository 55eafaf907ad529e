using System.Runtime.InteropServices;

namespace Seal.Kernels;

/// <summary>One thread's share of one parallel region of a native operator.</summary>
/// <param name="Start">Nanoseconds of the monotonic clock, as <see cref="System.Diagnostics.Stopwatch"/> counts on Linux.</param>
/// <param name="Thread">0 is the caller's.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TraceSpan(long Start, long End, int Thread, int Reserved);

using TorchSharp;

namespace Seal.Kernels;

/// <summary>
/// Numbers for libtorch. TorchSharp makes an object of every number and passes only its handle on, so a garbage collection during the call
/// may free it there and then: these are held for some calls more.
/// </summary>
public static class HeldScalar
{
    private const int Calls = 64;

    [ThreadStatic]
    private static Scalar[]? t_held;

    [ThreadStatic]
    private static uint t_next;

    public static Scalar Of(Scalar number)
    {
        Scalar[] held = t_held ??= new Scalar[Calls];
        return held[t_next++ % Calls] = number;
    }
}

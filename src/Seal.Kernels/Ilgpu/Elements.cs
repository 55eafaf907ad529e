using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>How activations and frozen weights lie in memory; kernels compute in f32. A constant of the kernels' type arguments.</summary>
internal interface IElement<TStored> where TStored : unmanaged
{
    float Widen(TStored value);

    /// <summary>Rounded to nearest, ties to even.</summary>
    TStored Narrow(float value);
}

internal struct F32Element : IElement<float>
{
    public readonly float Widen(float value) => value;

    public readonly float Narrow(float value) => value;
}

/// <summary>bfloat16 is the upper half of an f32; neither ILGPU nor C# has the type, so its bits are a 16-bit integer.</summary>
internal struct Bf16Element : IElement<ushort>
{
    private const uint QuietNaN = 0x7FC0;

    public readonly float Widen(ushort value) => Interop.IntAsFloat((uint)value << 16);

    public readonly ushort Narrow(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
        return (ushort)((bits & 0x7FFFFFFFu) > 0x7F800000u ? QuietNaN : rounded);
    }
}

/// <summary>Four neighbours in memory: what one vectorised load brings, 16 bytes of f32 or 8 of bf16.</summary>
internal struct Pack<TStored> where TStored : unmanaged
{
    public TStored A, B, C, D;
}

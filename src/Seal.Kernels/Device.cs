namespace Seal.Kernels;

public enum DeviceKind
{
    Host,
    Cuda,
}

/// <summary>Where memory lives. Memory belongs to a device, never to a backend, so operators of different backends can share it.</summary>
public readonly record struct Device(DeviceKind Kind, int Index)
{
    public static Device Host => new(DeviceKind.Host, 0);

    public static Device Cuda(int index) => new(DeviceKind.Cuda, index);

    public override string ToString() => Kind == DeviceKind.Host ? "host" : $"cuda:{Index}";
}

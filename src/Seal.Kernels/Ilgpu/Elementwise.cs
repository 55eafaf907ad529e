using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    /// <summary>Two buffers of one length.</summary>
    internal struct PairArguments<TX, TY> : IArguments where TX : unmanaged where TY : unmanaged
    {
        public ArrayView<TX> X;
        public ArrayView<TY> Y;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(X);
            bytes.Add(Y);
        }
    }

    private static readonly Kernel<PairArguments<TStored, TStored>> AddKernel = new(AddInto<TStored, TElement>);
    private static readonly Kernel<PairArguments<float, float>> AddWideKernel = new(AddInto<float, F32Element>);
    private static readonly Kernel<PairArguments<TStored, TStored>> CopyKernel = new(Convert<TStored, TElement, TStored, TElement>);
    private static readonly Kernel<PairArguments<TStored, float>> WidenKernel = new(Convert<TStored, TElement, float, F32Element>);
    private static readonly Kernel<PairArguments<float, TStored>> NarrowKernel = new(Convert<float, F32Element, TStored, TElement>);
    private static readonly Kernel<PairArguments<float, float>> CopyWideKernel = new(Convert<float, F32Element, float, F32Element>);
    private static readonly Kernel<PairArguments<ushort, ushort>> ZeroKernel = new(Clear);

    public override void Add(DeviceBuffer x, DeviceBuffer y)
    {
        int groups = GroupsOf(y.Elements);
        if (y.Type == Activation)
            _launcher.Launch(AddKernel, groups, new() { X = View<TStored>(x), Y = View<TStored>(y) });
        else
            _launcher.Launch(AddWideKernel, groups, new() { X = View<float>(x), Y = View<float>(y) });
    }

    public override void Cast(DeviceBuffer x, DeviceBuffer y)
    {
        int groups = GroupsOf(y.Elements);
        if (x.Type == Activation && y.Type == Activation)
            _launcher.Launch(CopyKernel, groups, new() { X = View<TStored>(x), Y = View<TStored>(y) });
        else if (x.Type == Activation)
            _launcher.Launch(WidenKernel, groups, new() { X = View<TStored>(x), Y = View<float>(y) });
        else if (y.Type == Activation)
            _launcher.Launch(NarrowKernel, groups, new() { X = View<float>(x), Y = View<TStored>(y) });
        else
            _launcher.Launch(CopyWideKernel, groups, new() { X = View<float>(x), Y = View<float>(y) });
    }

    public override void Zero(DeviceBuffer y)
    {
        // In 16-bit words, whatever the type is.
        ArrayView<ushort> words = _launcher.View<ushort>(y.Pointer, y.Bytes / 2);
        _launcher.Launch(ZeroKernel, GroupsOf(y.Bytes / 2), new() { X = words, Y = words });
    }

    internal static void AddInto<T, TE>(PairArguments<T, T> a) where T : unmanaged where TE : struct, IElement<T>
    {
        TE element = default;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < a.Y.IntLength; i += Grid.DimX * Group.DimX)
            a.Y[i] = element.Narrow(element.Widen(a.X[i]) + element.Widen(a.Y[i]));
    }

    internal static void Convert<TX, TXE, TY, TYE>(PairArguments<TX, TY> a)
        where TX : unmanaged
        where TXE : struct, IElement<TX>
        where TY : unmanaged
        where TYE : struct, IElement<TY>
    {
        TXE from = default;
        TYE to = default;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < a.Y.IntLength; i += Grid.DimX * Group.DimX)
            a.Y[i] = to.Narrow(from.Widen(a.X[i]));
    }

    internal static void Clear(PairArguments<ushort, ushort> a)
    {
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < a.Y.IntLength; i += Grid.DimX * Group.DimX)
            a.Y[i] = 0;
    }
}

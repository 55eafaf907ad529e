using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct SwiGluArguments : IArguments
    {
        public ArrayView<TStored> Gate;
        public ArrayView<TStored> Up;
        public ArrayView<TStored> Y;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Gate);
            bytes.Add(Up);
            bytes.Add(Y);
        }
    }

    internal struct SwiGluBackwardArguments : IArguments
    {
        public ArrayView<TStored> Dy;
        public ArrayView<TStored> Gate;
        public ArrayView<TStored> Up;
        public ArrayView<TStored> Dgate;
        public ArrayView<TStored> Dup;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Dy);
            bytes.Add(Gate);
            bytes.Add(Up);
            bytes.Add(Dgate);
            bytes.Add(Dup);
        }
    }

    private static readonly Kernel<SwiGluArguments> SwiGluKernel = new(GateUp);
    private static readonly Kernel<SwiGluBackwardArguments> SwiGluBackwardKernel = new(GateUpBackward);

    public override void SwiGlu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y) =>
        _launcher.Launch(SwiGluKernel, GroupsOf(y.Elements), new() { Gate = View<TStored>(gate), Up = View<TStored>(up), Y = View<TStored>(y) });

    public override void SwiGluBackward(DeviceBuffer dy, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer dgate, DeviceBuffer dup) =>
        _launcher.Launch(SwiGluBackwardKernel, GroupsOf(dy.Elements), new()
        {
            Dy = View<TStored>(dy),
            Gate = View<TStored>(gate),
            Up = View<TStored>(up),
            Dgate = View<TStored>(dgate),
            Dup = View<TStored>(dup),
        });

    internal static void GateUp(SwiGluArguments a)
    {
        TElement element = default;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < a.Y.IntLength; i += Grid.DimX * Group.DimX)
        {
            float gate = element.Widen(a.Gate[i]);
            a.Y[i] = element.Narrow(gate * Functions.Sigmoid(gate) * element.Widen(a.Up[i]));
        }
    }

    /// <summary>silu′(g) = σ(g)·(1 + g·(1 − σ(g))).</summary>
    internal static void GateUpBackward(SwiGluBackwardArguments a)
    {
        TElement element = default;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < a.Dy.IntLength; i += Grid.DimX * Group.DimX)
        {
            float dy = element.Widen(a.Dy[i]), gate = element.Widen(a.Gate[i]), up = element.Widen(a.Up[i]);
            float sigmoid = Functions.Sigmoid(gate);
            a.Dgate[i] = element.Narrow(dy * up * (sigmoid * (1 + gate * (1 - sigmoid))));
            a.Dup[i] = element.Narrow(dy * (gate * sigmoid));
        }
    }
}

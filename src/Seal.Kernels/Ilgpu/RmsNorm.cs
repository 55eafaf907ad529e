using ILGPU;
using ILGPU.Algorithms;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct RmsNormArguments : IArguments
    {
        public ArrayView<TStored> X;
        public ArrayView<TStored> Delta;
        public ArrayView<TStored> Sum;
        public ArrayView<float> Gain;
        public ArrayView<TStored> Y;
        public ArrayView<float> InverseRms;
        public int Rows;
        public float Epsilon;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(X);
            bytes.Add(Delta);
            bytes.Add(Sum);
            bytes.Add(Gain);
            bytes.Add(Y);
            bytes.Add(InverseRms);
            bytes.Add(Rows);
            bytes.Add(Epsilon);
        }
    }

    internal struct RmsNormBackwardArguments : IArguments
    {
        public ArrayView<TStored> Dy;
        public ArrayView<TStored> X;
        public ArrayView<float> Gain;
        public ArrayView<float> InverseRms;
        public ArrayView<TStored> Dx;
        public int Rows;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Dy);
            bytes.Add(X);
            bytes.Add(Gain);
            bytes.Add(InverseRms);
            bytes.Add(Dx);
            bytes.Add(Rows);
        }
    }

    private static readonly Kernel<RmsNormArguments> RmsNormKernel = new(NormaliseRows);
    private static readonly Kernel<RmsNormBackwardArguments> RmsNormBackwardKernel = new(NormaliseRowsBackward);

    public override void RmsNorm(
        DeviceBuffer x, DeviceBuffer delta, DeviceBuffer sum, DeviceBuffer gain, double eps, DeviceBuffer y, DeviceBuffer inverseRms) =>
        _launcher.Launch(RmsNormKernel, x.Rows, new()
        {
            X = View<TStored>(x),
            Delta = View<TStored>(delta),
            Sum = View<TStored>(sum),
            Gain = View<float>(gain),
            Y = View<TStored>(y),
            InverseRms = View<float>(inverseRms),
            Rows = x.Rows,
            Epsilon = (float)eps,
        });

    public override void RmsNormBackward(DeviceBuffer dy, DeviceBuffer x, DeviceBuffer gain, DeviceBuffer inverseRms, DeviceBuffer dx) =>
        _launcher.Launch(RmsNormBackwardKernel, x.Rows, new()
        {
            Dy = View<TStored>(dy),
            X = View<TStored>(x),
            Gain = View<float>(gain),
            InverseRms = View<float>(inverseRms),
            Dx = View<TStored>(dx),
            Rows = x.Rows,
        });

    /// <summary>A row a group. What is normalised is the sum as it is stored: the next layers and the backward pass read that.</summary>
    internal static void NormaliseRows(RmsNormArguments a)
    {
        TElement element = default;
        ArrayView<float> scratch = SharedMemory.Allocate<float>(Reductions.Warps);
        int columns = a.Gain.IntLength;
        for (int row = Grid.IdxX; row < a.Rows; row += Grid.DimX)
        {
            int start = row * columns;
            float squares = 0;
            for (int i = Group.IdxX; i < columns; i += Group.DimX)
            {
                float value = element.Widen(a.X[start + i]);
                if (a.Delta.Length > 0)
                {
                    TStored stored = element.Narrow(value + element.Widen(a.Delta[start + i]));
                    a.Sum[start + i] = stored;
                    value = element.Widen(stored);
                }
                squares = Fused.MultiplyAdd(value, value, squares);
            }
            float inverse = 1 / XMath.Sqrt(Reductions.Sum(squares, scratch) / columns + a.Epsilon);
            for (int i = Group.IdxX; i < columns; i += Group.DimX)
            {
                // The thread that stored an element reads it again.
                float value = a.Delta.Length > 0 ? element.Widen(a.Sum[start + i]) : element.Widen(a.X[start + i]);
                a.Y[start + i] = element.Narrow(value * inverse * a.Gain[i]);
            }
            if (a.InverseRms.Length > 0 && Group.IdxX == 0)
                a.InverseRms[row] = inverse;
        }
    }

    /// <summary>A row a group: dx += i·(u − x·i²·mean(u·x)), u = dy·gain.</summary>
    internal static void NormaliseRowsBackward(RmsNormBackwardArguments a)
    {
        TElement element = default;
        ArrayView<float> scratch = SharedMemory.Allocate<float>(Reductions.Warps);
        int columns = a.Gain.IntLength;
        for (int row = Grid.IdxX; row < a.Rows; row += Grid.DimX)
        {
            int start = row * columns;
            float along = 0;
            for (int i = Group.IdxX; i < columns; i += Group.DimX)
                along = Fused.MultiplyAdd(element.Widen(a.Dy[start + i]) * a.Gain[i], element.Widen(a.X[start + i]), along);
            float inverse = a.InverseRms[row];
            float share = Reductions.Sum(along, scratch) / columns * inverse * inverse;
            for (int i = Group.IdxX; i < columns; i += Group.DimX)
            {
                float u = element.Widen(a.Dy[start + i]) * a.Gain[i];
                float d = inverse * (u - element.Widen(a.X[start + i]) * share);
                a.Dx[start + i] = element.Narrow(element.Widen(a.Dx[start + i]) + d);
            }
        }
    }
}

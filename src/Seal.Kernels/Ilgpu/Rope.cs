using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct RopeArguments : IArguments
    {
        public ArrayView<TStored> X;
        public ArrayView<int> Positions;
        public ArrayView<float> CosSin;
        public int Columns;
        public int HeadDim;
        public float Sign;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(X);
            bytes.Add(Positions);
            bytes.Add(CosSin);
            bytes.Add(Columns);
            bytes.Add(HeadDim);
            bytes.Add(Sign);
        }
    }

    private static readonly Kernel<RopeArguments> RopeKernel = new(Rotate);

    public override void Rope(DeviceBuffer x, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse) =>
        _launcher.Launch(RopeKernel, GroupsOf(x.Elements / 2), new()
        {
            X = View<TStored>(x),
            Positions = View<int>(positions),
            CosSin = View<float>(cosSin),
            Columns = x.Columns,
            HeadDim = headDim,
            Sign = inverse ? -1 : 1,
        });

    /// <summary>A pair of elements a thread: (a, b) becomes (a·cos − b·sin, b·cos + a·sin).</summary>
    internal static void Rotate(RopeArguments a)
    {
        TElement element = default;
        int half = a.HeadDim / 2, pairs = a.X.IntLength / 2, ofRow = a.Columns / 2;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < pairs; i += Grid.DimX * Group.DimX)
        {
            int row = i / ofRow, pair = i % ofRow;
            int first = row * a.Columns + pair / half * a.HeadDim + pair % half;
            int angle = a.Positions[row] * a.HeadDim + pair % half;
            float cos = a.CosSin[angle], sin = a.CosSin[angle + half] * a.Sign;
            float x = element.Widen(a.X[first]), y = element.Widen(a.X[first + half]);
            a.X[first] = element.Narrow(Fused.MultiplyAdd(x, cos, -(y * sin)));
            a.X[first + half] = element.Narrow(Fused.MultiplyAdd(y, cos, x * sin));
        }
    }
}

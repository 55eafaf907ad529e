using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct NormaliseArguments : IArguments
    {
        public ArrayView<float> Max;
        public ArrayView<float> Sum;
        public ArrayView<float> AtTarget;
        public ArrayView<float> Normaliser;
        public ArrayView<float> LogProbabilities;
        public int Tiles;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Max);
            bytes.Add(Sum);
            bytes.Add(AtTarget);
            bytes.Add(Normaliser);
            bytes.Add(LogProbabilities);
            bytes.Add(Tiles);
        }
    }

    private static readonly Kernel<NormaliseArguments> NormaliseKernel = new(JoinTiles);

    private void Normalise(DeviceBuffer max, DeviceBuffer sum, DeviceBuffer atTarget, DeviceBuffer normaliser, DeviceBuffer logProbabilities, int tiles) =>
        _launcher.Launch(NormaliseKernel, max.Rows, new()
        {
            Max = View<float>(max),
            Sum = View<float>(sum),
            AtTarget = View<float>(atTarget),
            Normaliser = View<float>(normaliser),
            LogProbabilities = View<float>(logProbabilities),
            Tiles = tiles,
        });

    /// <summary>A row a group: log Σ exp from the tiles' maxima and sums.</summary>
    internal static void JoinTiles(NormaliseArguments a)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(Reductions.Warps);
        for (int row = Grid.IdxX; row < a.Normaliser.IntLength; row += Grid.DimX)
        {
            int start = row * a.Tiles;
            float max = float.NegativeInfinity;
            for (int i = Group.IdxX; i < a.Tiles; i += Group.DimX)
                max = IntrinsicMath.Max(max, a.Max[start + i]);
            max = Reductions.Max(max, scratch);
            float sum = 0;
            for (int i = Group.IdxX; i < a.Tiles; i += Group.DimX)
                sum = Fused.MultiplyAdd(a.Sum[start + i], Functions.Exp(a.Max[start + i] - max), sum);
            sum = Reductions.Sum(sum, scratch);
            if (Group.IdxX == 0)
            {
                float log = Functions.Log(sum);
                a.Normaliser[row] = max + log;
                // The difference first: both are large where a model is sure, and their distance small.
                a.LogProbabilities[row] = a.AtTarget[row] - max - log;
            }
        }
    }
}

using ILGPU;
using ILGPU.Algorithms;

namespace Seal.Kernels.Ilgpu;

/// <summary>An <see cref="AdamWRow"/> as kernels read it, with what depends on the step worked out in f64 on the host.</summary>
internal struct AdamWStep
{
    public int Slot, FirstBlock, Blocks;

    public float Clip, Decay, Beta1, Beta2, Rate, RootBias2, Epsilon;

    /// <summary>1 − β, rounded once: of β₂ in f32 it has three digits.</summary>
    public float Rest1, Rest2;
}

/// <summary>A run of one adapter's parameters, and its row of the table.</summary>
internal struct AdamWBlock
{
    public int Row, Start, Count;
}

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct AdamWArguments : IArguments
    {
        public ArrayView<AdamWStep> Steps;
        public ArrayView<AdamWBlock> Blocks;
        public ArrayView<float> Parameters;
        public ArrayView<float> Gradients;
        public ArrayView<float> FirstMoment;
        public ArrayView<float> SecondMoment;
        public ArrayView<TStored> Working; // none where the linears read the masters
        public ArrayView<float> Partial;
        public ArrayView<float> Factors;
        public ArrayView<float> Norms;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Steps);
            bytes.Add(Blocks);
            bytes.Add(Parameters);
            bytes.Add(Gradients);
            bytes.Add(FirstMoment);
            bytes.Add(SecondMoment);
            bytes.Add(Working);
            bytes.Add(Partial);
            bytes.Add(Factors);
            bytes.Add(Norms);
        }
    }

    /// <summary>Parameters a group takes, counted from an adapter's first.</summary>
    private const int AdamWBlockLength = 4096;

    private static readonly Kernel<AdamWArguments> GradientSquaresKernel = new(GradientSquares);
    private static readonly Kernel<AdamWArguments> GradientNormsKernel = new(GradientNorms);
    private static readonly Kernel<AdamWArguments> UpdateKernel = new(Update);

    private readonly Table<AdamWStep> _steps = new();
    private readonly Table<AdamWBlock> _adamWBlocks = new();

    /// <summary>Three launches for all adapters: squares a block, norms an adapter, the update.</summary>
    public override void AdamW(AdapterSet adapters, ReadOnlySpan<AdamWRow> table, DeviceBuffer norms)
    {
        FillSteps(adapters, table);
        _scratch.Reset();
        DeviceBuffer partial = _scratch.Wide(1, Math.Max(1, _adamWBlocks.Count)), factors = _scratch.Wide(1, Math.Max(1, table.Length));
        AdamWArguments arguments = new()
        {
            Steps = View(_steps),
            Blocks = View(_adamWBlocks),
            Parameters = View<float>(adapters.Parameters),
            Gradients = View<float>(adapters.Gradients),
            FirstMoment = View<float>(adapters.FirstMoment),
            SecondMoment = View<float>(adapters.SecondMoment),
            Working = Activation == Wide ? default : View<TStored>(FlatAdapters.Of(adapters)),
            Partial = View<float>(partial),
            Factors = View<float>(factors),
            Norms = View<float>(norms),
        };
        _launcher.Launch(GradientSquaresKernel, _adamWBlocks.Count, arguments);
        _launcher.Launch(GradientNormsKernel, _steps.Count, arguments);
        _launcher.Launch(UpdateKernel, _adamWBlocks.Count, arguments);
    }

    private void FillSteps(AdapterSet adapters, ReadOnlySpan<AdamWRow> table)
    {
        _steps.Clear();
        _adamWBlocks.Clear();
        foreach (AdamWRow row in table)
        {
            (long offset, long count) = adapters.Range(row.Slot);
            int first = _adamWBlocks.Count;
            for (long start = 0; start < count; start += AdamWBlockLength)
                _adamWBlocks.Add(new AdamWBlock { Row = _steps.Count, Start = checked((int)(offset + start)), Count = (int)Math.Min(AdamWBlockLength, count - start) });
            _steps.Add(new AdamWStep
            {
                Slot = row.Slot,
                FirstBlock = first,
                Blocks = _adamWBlocks.Count - first,
                Clip = (float)row.ClipNorm,
                Decay = (float)(1 - row.LearningRate * row.WeightDecay),
                Beta1 = (float)row.Beta1,
                Beta2 = (float)row.Beta2,
                Rest1 = (float)(1 - row.Beta1),
                Rest2 = (float)(1 - row.Beta2),
                Rate = (float)(row.LearningRate / (1 - Math.Pow(row.Beta1, row.Step))),
                RootBias2 = (float)Math.Sqrt(1 - Math.Pow(row.Beta2, row.Step)),
                Epsilon = (float)row.Epsilon,
            });
        }
    }

    internal static void GradientSquares(AdamWArguments a)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(Reductions.Warps);
        for (int item = Grid.IdxX; item < a.Blocks.IntLength; item += Grid.DimX)
        {
            AdamWBlock block = a.Blocks[item];
            float squares = 0;
            for (int i = Group.IdxX; i < block.Count; i += Group.DimX)
                squares = Fused.MultiplyAdd(a.Gradients[block.Start + i], a.Gradients[block.Start + i], squares);
            squares = Reductions.Sum(squares, scratch);
            if (Group.IdxX == 0)
                a.Partial[item] = squares;
        }
    }

    /// <summary>An adapter a group: its norm, and min(1, clip / (norm + 1e-6)).</summary>
    internal static void GradientNorms(AdamWArguments a)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(Reductions.Warps);
        for (int row = Grid.IdxX; row < a.Steps.IntLength; row += Grid.DimX)
        {
            AdamWStep step = a.Steps[row];
            float squares = 0;
            for (int i = Group.IdxX; i < step.Blocks; i += Group.DimX)
                squares += a.Partial[step.FirstBlock + i];
            float norm = XMath.Sqrt(Reductions.Sum(squares, scratch));
            if (Group.IdxX == 0)
            {
                a.Norms[step.Slot] = norm;
                a.Factors[row] = step.Clip > 0 ? IntrinsicMath.Min(1f, step.Clip / (norm + 1e-6f)) : 1;
            }
        }
    }

    /// <summary>28 bytes read and written a parameter, 2 more for a bf16 copy.</summary>
    internal static void Update(AdamWArguments a)
    {
        TElement element = default;
        for (int item = Grid.IdxX; item < a.Blocks.IntLength; item += Grid.DimX)
        {
            AdamWBlock block = a.Blocks[item];
            AdamWStep step = a.Steps[block.Row];
            float factor = a.Factors[block.Row];
            for (int i = block.Start + Group.IdxX; i < block.Start + block.Count; i += Group.DimX)
            {
                float g = a.Gradients[i] * factor;
                float m = Fused.MultiplyAdd(step.Beta1, a.FirstMoment[i], step.Rest1 * g);
                float v = Fused.MultiplyAdd(step.Beta2, a.SecondMoment[i], step.Rest2 * g * g);
                float denominator = XMath.Sqrt(v) / step.RootBias2 + step.Epsilon;
                float p = Fused.MultiplyAdd(step.Decay, a.Parameters[i], -step.Rate * m / denominator);
                a.FirstMoment[i] = m;
                a.SecondMoment[i] = v;
                a.Parameters[i] = p;
                a.Gradients[i] = 0;
                if (a.Working.Length > 0)
                    a.Working[i] = element.Narrow(p);
            }
        }
    }
}

using System.Runtime.InteropServices;
using Seal.Kernels.Cases;

namespace Seal.Kernels;

/// <summary>
/// A backend with libtorch in f32 beside it: after every call the same operator runs there on copies of the same inputs, and the results
/// are compared by the tolerances of the operator cases, both backends' added up. The work goes on with the backend's own results,
/// so a deviation is the operator's own and not what came before it.
/// </summary>
/// <remarks>
/// With bf16 the inputs are widened exactly, and libtorch's frozen matrices are rounded to bf16 as the backend's are: not those that a backend's
/// generation reads in blocks, which stay what the blocks stand for.
/// </remarks>
public sealed partial class ValidatingOperators : Operators
{
    private readonly Operators _chosen;
    private readonly TorchOperators _torch;
    private readonly TorchOperators _unrounded;
    private readonly Arena _copies;
    private readonly Dictionary<(string, string), ValidatedResult> _results = [];
    private float[] _found = [];
    private float[] _expected = [];
    private long _call;
    private int _layer = -1;

    /// <param name="chosen">The backend to validate, f32 or bf16, on any device; owned from here on.</param>
    /// <exception cref="SealException">The backend is the f64 reference, or libtorch does not load.</exception>
    public ValidatingOperators(Operators chosen) : base(chosen.Device, chosen.Activation)
    {
        if (chosen.Activation == DType.F64)
            throw new SealException($"validation compares f32 or bf16 with libtorch in f32, not {chosen.Activation}; leave out --validate");
        _chosen = chosen;
        _torch = new TorchOperators(Device.Host, DType.F32, weights: chosen.Activation);
        _unrounded = new TorchOperators(Device.Host, DType.F32);
        _copies = new Arena(_torch);
    }

    public override string Name => _chosen.Name;

    /// <summary>The backend's own: validation changes no result.</summary>
    public override string Numerics => _chosen.Numerics;

    /// <summary>What was compared so far, in the order of first calls.</summary>
    public IReadOnlyCollection<ValidatedResult> Results => _results.Values;

    /// <summary>The first result beyond its tolerance.</summary>
    public (ValidatedResult Result, Deviation Deviation)? First { get; private set; }

    public bool Passed => First is null;

    public override OperatorSupport Support(string operatorName) => _chosen.Support(operatorName);

    public override DeviceMemory Allocate(long bytes) => _chosen.Allocate(bytes);

    public override PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns) =>
        new BothWeights(_chosen.Prepare(weight, rows, columns), _torch.Prepare(weight, rows, columns));

    public override PackedWeight Prepare(QuantizedMatrix matrix) =>
        new BothWeights(_chosen.Prepare(matrix), _torch.Prepare(matrix), ReadsBlocks ? _unrounded.Prepare(matrix) : null);

    public override bool ReadsBlocks => _chosen.ReadsBlocks;

    public override void Write(ReadOnlySpan<float> values, DeviceBuffer y) => _chosen.Write(values, y);

    public override void Read(DeviceBuffer x, Span<float> values) => _chosen.Read(x, values);

    public override void Dispose()
    {
        _copies.Dispose();
        _biases.ForEach(bias => bias.Dispose());
        _torch.Dispose();
        _unrounded.Dispose();
        _chosen.Dispose();
    }

    /// <summary>Starts a call: last call's copies are given back.</summary>
    private void Begin()
    {
        _copies.Reset();
        _call++;
    }

    private static BothWeights Own(PackedWeight weight) => weight as BothWeights
        ?? throw new ArgumentException($"a weight prepared under validation was expected, not a {weight.GetType().Name}", nameof(weight));

    /// <summary>An f32 copy of an input, or of what an operator accumulates into; none stays none.</summary>
    private DeviceBuffer Copy(DeviceBuffer x)
    {
        if (x.IsNone)
            return x;
        DeviceBuffer copy = Like(x);
        CopyInto(x, copy);
        return copy;
    }

    /// <summary>An f32 copy of a buffer on any device in one of libtorch's.</summary>
    private void CopyInto(DeviceBuffer x, DeviceBuffer copy)
    {
        if (x.Device == _torch.Device)
            _torch.Cast(x, copy);
        else
            _chosen.Read(x, copy.AsSpan<float>());
    }

    /// <summary>What libtorch only reads: the buffer itself where it can, else a copy; none stays none.</summary>
    private DeviceBuffer Here(DeviceBuffer x) => x.Device == _torch.Device ? x : Copy(x);

    /// <summary>Room for libtorch's result in the place of one of the backend's; none stays none.</summary>
    private DeviceBuffer Like(DeviceBuffer y) => y.IsNone ? y : _copies.Take(DType.F32, y.Rows, y.Columns);

    private void Compare(string name, string result, Tolerance tolerance, DeviceBuffer found, DeviceBuffer expected)
    {
        if (found.IsNone || found.Elements == 0)
            return;
        int count = checked((int)found.Elements);
        if (_found.Length < count)
            (_found, _expected) = (new float[count], new float[count]);
        (found.Device == _torch.Device ? _torch : _chosen).Read(found, _found);
        _torch.Read(expected, _expected);
        Compare(name, result, tolerance, _found.AsSpan(0, count), _expected.AsSpan(0, count), $"[{found.Rows}, {found.Columns}]");
    }

    private void Compare(string name, string result, Tolerance tolerance, ReadOnlySpan<float> found, ReadOnlySpan<float> expected, string shape)
    {
        (double share, int at) = Comparison.Worst(found, expected);
        double bound = tolerance.Of(_chosen) + tolerance.Of(_torch);
        double used = share == 0 ? 0 : share / bound;
        var deviation = new Deviation(used, _layer, _call, shape, at, found[at], expected[at]);
        ref ValidatedResult? validated = ref CollectionsMarshal.GetValueRefOrAddDefault(_results, (name, result), out _);
        validated ??= new ValidatedResult(name, result, tolerance.Name);
        validated.Add(deviation);
        if (!(used <= 1))
            First ??= (validated, deviation);
    }

    /// <summary>One matrix in both backends' layouts.</summary>
    /// <param name="blocks">What libtorch has in the place of blocks that the backend reads; null where it reads none.</param>
    private sealed class BothWeights(PackedWeight chosen, PackedWeight torch, PackedWeight? blocks = null) : PackedWeight(chosen.Rows, chosen.Columns)
    {
        public PackedWeight Chosen { get; } = chosen;

        public PackedWeight Torch { get; } = torch;

        public PackedWeight? Blocks { get; } = blocks;

        public override long BytesPerStep => Chosen.BytesPerStep;

        public override void Dispose()
        {
            Chosen.Dispose();
            Torch.Dispose();
            Blocks?.Dispose();
        }
    }
}

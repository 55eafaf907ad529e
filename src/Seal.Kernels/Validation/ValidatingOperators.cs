using System.Runtime.InteropServices;
using Seal.Kernels.Cases;

namespace Seal.Kernels;

/// <summary>
/// A backend with libtorch in f32 beside it: after every call the same operator runs there on copies of the same inputs, and the results
/// are compared by the tolerances of the operator cases, both backends' added up. The work goes on with the backend's own results,
/// so a deviation is the operator's own and not what came before it.
/// </summary>
/// <remarks>With bf16 the inputs are widened exactly, and libtorch's frozen matrices are rounded to bf16 as the backend's are.</remarks>
public sealed partial class ValidatingOperators : Operators
{
    private readonly Operators _chosen;
    private readonly TorchOperators _torch;
    private readonly Arena _copies;
    private readonly Dictionary<(string, string), ValidatedResult> _results = [];
    private float[] _found = [];
    private float[] _expected = [];
    private long _call;
    private int _layer = -1;

    /// <param name="chosen">The backend to validate, f32 or bf16 on the host; owned from here on.</param>
    /// <exception cref="SealException">The backend is the f64 reference or not on the host, or libtorch does not load.</exception>
    public ValidatingOperators(Operators chosen) : base(chosen.Device, chosen.Activation)
    {
        if (chosen.Activation == DType.F64 || chosen.Device.Kind != DeviceKind.Host)
            throw new SealException($"validation compares f32 or bf16 on the host with libtorch in f32, not {chosen.Activation} on {chosen.Device}; leave out --validate");
        _chosen = chosen;
        _torch = new TorchOperators(Device.Host, DType.F32, weights: chosen.Activation);
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

    public override PackedWeight Prepare(QuantizedMatrix matrix) => new BothWeights(_chosen.Prepare(matrix), _torch.Prepare(matrix));

    public override void Write(ReadOnlySpan<float> values, DeviceBuffer y) => _chosen.Write(values, y);

    public override void Read(DeviceBuffer x, Span<float> values) => _chosen.Read(x, values);

    public override void Dispose()
    {
        _copies.Dispose();
        _torch.Dispose();
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
        _torch.Cast(x, copy);
        return copy;
    }

    /// <summary>Room for libtorch's result in the place of one of the backend's; none stays none.</summary>
    private DeviceBuffer Like(DeviceBuffer y) => y.IsNone ? y : _copies.Take(DType.F32, y.Rows, y.Columns);

    private void Compare(string name, string result, Tolerance tolerance, DeviceBuffer found, DeviceBuffer expected)
    {
        if (found.IsNone || found.Elements == 0)
            return;
        int count = checked((int)found.Elements);
        if (_found.Length < count)
            (_found, _expected) = (new float[count], new float[count]);
        _torch.Read(found, _found);
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
    private sealed class BothWeights(PackedWeight chosen, PackedWeight torch) : PackedWeight(chosen.Rows, chosen.Columns)
    {
        public PackedWeight Chosen { get; } = chosen;

        public PackedWeight Torch { get; } = torch;

        public override long BytesPerStep => Chosen.BytesPerStep;

        public override void Dispose()
        {
            Chosen.Dispose();
            Torch.Dispose();
        }
    }
}

using System.Numerics.Tensors;

namespace Seal.Kernels.Cases;

/// <summary>One result of a case: what was computed, and how near it must be.</summary>
public sealed record CheckedResult(string Name, double[] Values, Tolerance Tolerance);

/// <summary>A gradient that a backward pass computed of the trial's loss, by the input's name.</summary>
public sealed record CheckedGradient(string Input, double[] Values);

/// <summary>
/// One run of a case on one backend. Inputs are functions of their name alone, so every backend sees the same numbers: those of the
/// activation type of the backend under test. Outputs start as NaN, so that what an operator forgets to write is seen.
/// </summary>
/// <param name="operators">The backend.</param>
/// <param name="rounding">Type that activations are rounded to before anyone sees them: that of the backend under test.</param>
/// <param name="reference">What the reference computed in its own run, for <see cref="HandOver"/>; null in that run.</param>
public sealed class Trial(Operators operators, DType rounding, IReadOnlyDictionary<string, double[]>? reference = null) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public Operators Operators { get; } = operators;

    public List<CheckedResult> Results { get; } = [];

    public List<CheckedGradient> Gradients { get; } = [];

    /// <summary>Σ weights ∘ output over the outputs given to <see cref="AddLoss"/>.</summary>
    public double Loss { get; private set; }

    /// <summary>This input is moved by step along <see cref="InputValues.Direction"/>: for finite differences.</summary>
    public (string Input, double Step, int Direction)? Shift { get; init; }

    /// <summary>Takes the time of the calls that the case marks; null where only results are wanted.</summary>
    public CaseTimer? Timer { get; init; }

    /// <summary>
    /// Calls the operator that the case is about: once, or, when it is timed, many times over, after which its outputs mean nothing.
    /// </summary>
    public void Call(string part, Cost cost, Action call)
    {
        if (Timer is null)
            call();
        else
            Timer.Measure(part, cost, call);
    }

    /// <summary>Bytes of so many activations.</summary>
    public double Bytes(double activations) => activations * Operators.Activation.Size();

    /// <summary>Random values of unit variance times spread, in the activation type.</summary>
    public DeviceBuffer Input(string name, int rows, int columns, double spread = 1) =>
        Fill(Output(rows, columns), Values(name, (long)rows * columns, spread));

    /// <summary>The same in the wide type, for gains, biases and gradients.</summary>
    public DeviceBuffer WideInput(string name, int rows, int columns, double spread = 1, double centre = 0) =>
        Fill(WideOutput(rows, columns), Values(name, (long)rows * columns, spread, centre));

    /// <summary>The values of an input, rounded and shifted, for those that need them before a buffer.</summary>
    public double[] Values(string name, long count, double spread = 1, double centre = 0)
    {
        double[] values = InputValues.Random(name, count, spread, centre, rounding);
        if (Shift is { } shift && shift.Input == name)
            TensorPrimitives.MultiplyAdd(InputValues.Direction(name, shift.Direction, count), shift.Step, values, values);
        return values;
    }

    /// <summary>A frozen matrix with rows of unit norm times gain: products with unit inputs have an rms of about gain.</summary>
    public PackedWeight Weight(string name, int rows, int columns, double gain = 1) =>
        Own(Operators.Prepare(InputValues.Floats(Values(name, (long)rows * columns, gain / Math.Sqrt(columns))), rows, columns));

    /// <summary>An output in the activation type, full of NaN.</summary>
    public DeviceBuffer Output(int rows, int columns) => Poisoned(Operators.Activation, rows, columns);

    /// <summary>An output in the wide type, full of NaN.</summary>
    public DeviceBuffer WideOutput(int rows, int columns) => Poisoned(Operators.Wide, rows, columns);

    /// <summary>f32 whatever the backend's types: logits, rotary angles.</summary>
    public DeviceBuffer F32(float[] values, int rows, int columns)
    {
        DeviceBuffer buffer = Allocate(DType.F32, rows, columns);
        Operators.Write(values, buffer);
        return buffer;
    }

    /// <summary>Ids or row numbers, <c>[1, n]</c>.</summary>
    public DeviceBuffer Indices(ReadOnlySpan<int> values) => Table(values, DType.I32);

    /// <summary>Loss weights, <c>[1, n]</c>: a table of the step's plan, as row numbers are.</summary>
    public DeviceBuffer LossWeights(ReadOnlySpan<float> values) => Table(values, DType.F32);

    /// <summary>Keeps something until the run ends.</summary>
    public T Own<T>(T item) where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }

    /// <summary>Overwrites a buffer with values.</summary>
    public DeviceBuffer Fill(DeviceBuffer buffer, double[] values)
    {
        if (buffer.Type == DType.F64)
            values.CopyTo(buffer.AsSpan<double>());
        else if (buffer.Type == DType.F32)
            Operators.Write(InputValues.Floats(values), buffer);
        else
            Operators.Cast(F32(InputValues.Floats(values), buffer.Rows, buffer.Columns), buffer);
        return buffer;
    }

    public double[] Read(DeviceBuffer buffer)
    {
        if (buffer.Type == DType.F64)
            return buffer.AsSpan<double>().ToArray();
        float[] values = new float[buffer.Elements];
        Operators.Read(buffer, values);
        return Array.ConvertAll(values, value => (double)value);
    }

    /// <summary>Takes a result.</summary>
    public void Check(string name, DeviceBuffer buffer, Tolerance tolerance) => Check(name, Read(buffer), tolerance);

    public void Check(string name, double[] values, Tolerance tolerance) => Results.Add(new CheckedResult(name, values, tolerance));

    /// <summary>Takes a result, and goes on with the reference's value in its place: so a backward pass is judged by itself.</summary>
    public void HandOver(string name, DeviceBuffer buffer, Tolerance tolerance)
    {
        Check(name, buffer, tolerance);
        if (reference is not null)
            Fill(buffer, reference[name]);
    }

    /// <summary>Adds Σ weights ∘ output to the loss whose gradients the case computes.</summary>
    public void AddLoss(DeviceBuffer output, ReadOnlySpan<double> weights) => Loss += TensorPrimitives.Dot(Read(output), weights);

    /// <summary>Takes a gradient of the loss with respect to an input, as a result too.</summary>
    /// <param name="before">What stood in the buffer, if the operator accumulates.</param>
    public void CheckGradient(string input, DeviceBuffer gradient, Tolerance tolerance, double[]? before = null)
    {
        double[] values = Read(gradient);
        Check("d " + input, values, tolerance);
        double[] alone = [.. values];
        if (before is not null)
            TensorPrimitives.Subtract(alone, before, alone);
        Gradients.Add(new CheckedGradient(input, alone));
    }

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
    }

    /// <summary>What a step's plan holds is the host's, whatever the device.</summary>
    private DeviceBuffer Table<T>(ReadOnlySpan<T> values, DType type) where T : unmanaged
    {
        HostMemory memory = Own(new HostMemory(4L * values.Length));
        DeviceBuffer buffer = new(memory.Pointer, type, 1, values.Length, Device.Host);
        values.CopyTo(buffer.AsSpan<T>());
        return buffer;
    }

    private DeviceBuffer Poisoned(DType type, int rows, int columns)
    {
        double[] nan = new double[(long)rows * columns];
        Array.Fill(nan, double.NaN);
        return Fill(Allocate(type, rows, columns), nan);
    }

    private DeviceBuffer Allocate(DType type, int rows, int columns) =>
        new(Own(Operators.Allocate((long)rows * columns * type.Size())).Pointer, type, rows, columns, Operators.Device);
}

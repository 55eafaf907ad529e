using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests;

/// <summary>The float64 reference against plain loops, so that it agrees with more than itself.</summary>
public class ReferenceTests
{
    private readonly TorchOperators _reference = new(Device.Host, DType.F64);
    private Trial _trial = null!;

    [SetUp]
    public void Open() => _trial = new Trial(_reference, DType.F32);

    [TearDown]
    public void Close() => _trial.Dispose();

    [OneTimeTearDown]
    public void CloseReference() => _reference.Dispose();

    [Test]
    public void RmsNorm()
    {
        DeviceBuffer y = _trial.Output(4, 9);
        DeviceBuffer gain = _trial.WideInput("gain", 1, 9);
        DeviceBuffer x = _trial.Input("x", 4, 9);
        _reference.RmsNorm(x, DeviceBuffer.None, DeviceBuffer.None, gain, 1e-5, y, DeviceBuffer.None);
        AssertSame(_trial.Read(y), PlainLoops.RmsNorm(_trial.Read(x), _trial.Read(gain), 1e-5));
    }

    [Test]
    public void LoraLinear()
    {
        const int inputs = 6, outputs = 5, rank = 3, rows = 4;
        AdapterSet set = AdapterInputs(inputs, outputs, rank, 0.7);
        BatchPlan plan = new();
        plan.Add(new int[1]);
        plan.Add(new int[rows - 1], adapter: 0);
        DeviceBuffer x = _trial.Input("x", rows, inputs);
        DeviceBuffer y = _trial.Output(rows, outputs);
        LinearGroup group = new(1, [new LinearMember(_trial.Weight("W", outputs, inputs), _trial.WideInput("bias", 1, outputs), 0)]);
        _reference.LoraLinear(x, group, set, plan, _trial.Output(rows, rank), [y]);

        double[] bias = _trial.Values("bias", outputs);
        double[] expected = PlainLoops.TimesTransposed(_trial.Read(x), Weights("W", outputs, inputs), inputs);
        LoraFactors factors = set.Factors(0, 1, 0);
        double[] all = _trial.Read(set.Parameters);
        double[] a = all[(int)factors.A..(int)(factors.A + rank * inputs)];
        double[] b = all[(int)factors.B..(int)(factors.B + outputs * rank)];
        double[] lora = PlainLoops.TimesTransposed(PlainLoops.TimesTransposed(_trial.Read(x), a, inputs), b, rank);
        for (int i = 0; i < expected.Length; i++)
            expected[i] += bias[i % outputs] + (i < outputs ? 0 : 0.7 * lora[i]);
        AssertSame(_trial.Read(y), expected);
    }

    [TestCase(1, 1)]
    [TestCase(6, 3)]
    [TestCase(4, 1)]
    public void CausalAttention(int heads, int kvHeads)
    {
        AttentionShape shape = new(heads, kvHeads, 5);
        BatchPlan plan = new();
        plan.Add(new int[7]);
        DeviceBuffer q = _trial.Input("q", 7, shape.QueryWidth);
        DeviceBuffer k = _trial.Input("k", 7, shape.KvWidth);
        DeviceBuffer v = _trial.Input("v", 7, shape.KvWidth);
        DeviceBuffer y = _trial.Output(7, shape.QueryWidth);
        DeviceBuffer logSumExp = _trial.WideOutput(7, heads);
        _reference.CausalAttention(q, k, v, shape, plan, y, logSumExp);
        (double[] expectedY, double[] expectedSums) = PlainLoops.Attention(_trial.Read(q), _trial.Read(k), _trial.Read(v), shape, 7, 7);
        AssertSame(_trial.Read(y), expectedY);
        AssertSame(_trial.Read(logSumExp), expectedSums);
    }

    [Test]
    public void DecodeAttention()
    {
        AttentionShape shape = new(6, 2, 5);
        KvCache cache = _trial.Own(new KvCache(_reference, 1, shape.KvWidth, 64));
        int slot = cache.Open();
        cache.Grow(slot, 20);
        BatchPlan prompt = new();
        prompt.Add(new int[20], cacheSlot: slot);
        DeviceBuffer k = _trial.Input("k", 20, shape.KvWidth);
        DeviceBuffer v = _trial.Input("v", 20, shape.KvWidth);
        _reference.KvAppend(k, v, cache, 0, prompt);
        BatchPlan next = new();
        next.Add([0], firstPosition: 19, cacheSlot: slot);
        DeviceBuffer q = _trial.Input("q", 1, shape.QueryWidth);
        DeviceBuffer y = _trial.Output(1, shape.QueryWidth);
        _reference.DecodeAttention(q, cache, 0, shape, next, y);
        AssertSame(_trial.Read(y), PlainLoops.Attention(_trial.Read(q), _trial.Read(k), _trial.Read(v), shape, 1, 20).Y);
    }

    [Test]
    public void LinearCrossEntropy()
    {
        DeviceBuffer h = _trial.Input("h", 3, 8);
        DeviceBuffer logProbabilities = _trial.WideOutput(1, 3);
        int[] targets = [4, 0, 10];
        _reference.LinearCrossEntropy(
            h, _trial.Weight("E", 11, 8), _trial.Indices(targets), _trial.F32([1, 1, 1], 1, 3), logProbabilities, DeviceBuffer.None);
        double[] logits = PlainLoops.TimesTransposed(_trial.Read(h), Weights("E", 11, 8), 8);
        AssertSame(_trial.Read(logProbabilities), PlainLoops.LogProbabilities(logits, targets));
    }

    [TestCase(0)]
    [TestCase(0.5)]
    [TestCase(1e9)]
    public void AdamW(double clip)
    {
        AdapterSet set = AdapterInputs(7, 5, 2, 1);
        double[] p = _trial.Read(set.Parameters);
        double[] m = new double[p.Length];
        double[] v = new double[p.Length];
        DeviceBuffer norms = _trial.WideOutput(1, 1);
        for (int step = 1; step <= 5; step++)
        {
            double[] gradients = _trial.Values($"g{step}", p.Length);
            AdamWRow row = new(0, 0.01 * step, step, clip, 0.1, 0.9, 0.95, 1e-8);
            _trial.Fill(set.Gradients, gradients);
            _reference.AdamW(set, [row], norms);
            double norm = PlainLoops.AdamW(p, gradients, m, v, row);
            AssertSame(_trial.Read(norms), [norm]);
        }
        AssertSame(_trial.Read(set.Parameters), p);
    }

    private AdapterSet AdapterInputs(int inputs, int outputs, int rank, double scale) =>
        Cases.AdapterInputs.Make(_trial, [new LinearShape(inputs, outputs)], [new AdapterShape(rank, scale, [0])]);

    // As Trial.Weight makes them, through the float that Prepare takes.
    private double[] Weights(string name, int rows, int columns) =>
        [.. _trial.Values(name, rows * columns, 1 / Math.Sqrt(columns)).Select(value => (double)(float)value)];

    private static void AssertSame(double[] found, double[] expected) => Assert.That(found, Is.EqualTo(expected).Within(1e-12));
}

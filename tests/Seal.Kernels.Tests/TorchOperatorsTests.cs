using Seal.Kernels.Cases;
using TorchSharp;

namespace Seal.Kernels.Tests;

public class TorchOperatorsTests
{
    [Test]
    public void CudaSaysWhatIsMissing()
    {
        SealException error = Assert.Throws<SealException>(() => _ = new TorchOperators(Device.Cuda(1), DType.F32))!;
        Assert.That(error.Message, Does.Contain("cuda:1").And.Contain("CUDA build"));
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("two")]
    [TestCase(" 2")]
    [TestCase("99999999999")]
    public void WrongThreadCountsAreNamed(string setting)
    {
        SealException error = Assert.Throws<SealException>(() => LibTorch.Threads(setting))!;
        Assert.That(error.Message, Does.Contain("SEAL_THREADS").And.Contain($"'{setting}'"));
    }

    [Test]
    public void ThreadCountIsRead()
    {
        Assert.That(LibTorch.Threads("2"), Is.EqualTo(2));
        Assert.That(LibTorch.Threads(null), Is.Null);
        Assert.That(LibTorch.Threads(""), Is.Null);
    }

    [Test]
    public void BuffersAreSeenWithoutACopy()
    {
        using TorchOperators operators = new(Device.Host, DType.F32);
        using DeviceMemory memory = operators.Allocate(6 * sizeof(float));
        DeviceBuffer buffer = new(memory.Pointer, DType.F32, 2, 3, Device.Host);
        buffer.AsSpan<float>().Fill(1);
        using (torch.Tensor view = LibTorch.Wrap(buffer))
            view.mul_(3);
        Assert.That(buffer.AsSpan<float>().ToArray(), Is.All.EqualTo(3f));
    }

    [Test]
    public void CastRoundsToNearestEven()
    {
        using TorchOperators operators = new(Device.Host, DType.BF16);
        using DeviceMemory memory = operators.Allocate(64);
        DeviceBuffer wide = new(memory.Pointer, DType.F32, 1, 4, Device.Host);
        DeviceBuffer narrow = new(memory.Pointer + 32, DType.BF16, 1, 4, Device.Host);
        // Between 1 and the next bf16, 1 + 2^-7: below the middle, the middle (to even: down), above; and the next middle (to even: up).
        operators.Write([1 + 0.0038f, 1 + 1 / 256f, 1 + 0.0040f, 1 + 3 / 256f], wide);
        operators.Cast(wide, narrow);
        float[] rounded = new float[4];
        operators.Read(narrow, rounded);
        Assert.That(rounded, Is.EqualTo(new[] { 1, 1, 1 + 1 / 128f, 1 + 2 / 128f }));
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void AdaptersWithoutARowKeepTheirBits(DType activation)
    {
        using TorchOperators operators = new(Device.Host, activation);
        using Trial trial = new(operators, DType.F32);
        AdapterShape shape = new(3, 1, [0]);
        AdapterSet set = AdapterInputs.Make(trial, [new LinearShape(11, 7)], [shape, shape, shape]);
        (long offset, long count) = set.Range(1);
        trial.Fill(set.Gradients, trial.Values("g", set.Elements));
        DeviceBuffer[] kept = [set.Parameters, FlatAdapters.Of(set), set.Gradients, set.FirstMoment, set.SecondMoment];
        double[][] before = [.. kept.Select(trial.Read)];
        DeviceBuffer norms = trial.WideInput("norms", 1, 3);
        double norm = trial.Read(norms)[1];
        operators.AdamW(set, [new AdamWRow(0, 0.1, 1, 1, 0.1, 0.9, 0.999, 1e-8), new AdamWRow(2, 0.1, 1, 1, 0.1, 0.9, 0.999, 1e-8)], norms);
        for (int i = 0; i < kept.Length; i++)
        {
            double[] after = trial.Read(kept[i]);
            Range own = (int)offset..(int)(offset + count);
            Assert.That(after[own], Is.EqualTo(before[i][own]));
            Assert.That(after[..(int)offset], Is.Not.EqualTo(before[i][..(int)offset]));
        }
        Assert.That(trial.Read(norms)[1], Is.EqualTo(norm));
    }

    [Test]
    public void NoOperatorLeaksTensors()
    {
        using TorchOperators operators = new(Device.Host, DType.BF16);
        RunAll();
        long before = torch.Tensor.TotalCount;
        RunAll();
        Assert.That(torch.Tensor.TotalCount, Is.EqualTo(before));

        void RunAll()
        {
            foreach (OperatorCase operatorCase in OperatorCases.All)
                using (Trial trial = new(operators, DType.BF16))
                    operatorCase.Run(trial);
        }
    }
}

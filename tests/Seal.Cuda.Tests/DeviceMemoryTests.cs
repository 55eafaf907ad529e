using Seal.Kernels;

namespace Seal.Cuda.Tests;

/// <summary>Matrices are the device's, tables of the plan the host's, and neither is taken for the other.</summary>
public class DeviceMemoryTests
{
    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void Values_go_to_the_device_and_back(DType type)
    {
        using NativeOperators operators = CudaBuild.RequireOperators(type);
        using DeviceMemory memory = operators.Allocate(6 * sizeof(float));
        DeviceBuffer buffer = new(memory.Pointer, type, 2, 3, operators.Device);
        float[] values = [1, -2, 3, 0.5f, 1.5f, 256], read = new float[6];
        Assert.That(operators.Device, Is.EqualTo(Device.Cuda(0)));
        operators.Write(values, buffer);
        operators.Read(buffer, read);
        Assert.That(read, Is.EqualTo(values));
        operators.Zero(buffer.Slice(1, 1));
        operators.Read(buffer, read);
        Assert.That(read, Is.EqualTo(new float[] { 1, -2, 3, 0, 0, 0 }));
        Assert.That(() => buffer.AsSpan<ushort>(), Throws.InvalidOperationException.With.Message.Contains("use Operators.Read"));
    }

    [Test]
    public void Kernels_refuse_the_host_s_memory()
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.F32);
        using HostMemory host = new(64);
        using DeviceMemory memory = operators.Allocate(64);
        DeviceBuffer theirs = new(memory.Pointer, DType.F32, 1, 8, operators.Device), ours = theirs with { Pointer = host.Pointer };
        operators.Zero(theirs);
        Assert.That(() => operators.Add(ours, theirs), Throws.InvalidOperationException.With.Message.Contains("add, block (0, 0, 0), thread 0: memory of the host"));
        Assert.That(() => operators.Zero(ours), Throws.InvalidOperationException.With.Message.Contains("memory of the host was given"));
        operators.Add(theirs, theirs);
    }

    [Test]
    public void Tables_are_the_host_s()
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.F32);
        using DeviceMemory memory = operators.Allocate(256);
        DeviceBuffer x = new(memory.Pointer, DType.F32, 4, 4, operators.Device), rows = x with { Type = DType.I32, Rows = 1 };
        Assert.That(() => operators.GatherRows(x, rows, x), Throws.InvalidOperationException.With.Message.Contains("expected in host memory"));
    }

    /// <summary>A table that changes in place is read anew, as one does from step to step.</summary>
    [Test]
    public void A_changed_table_is_seen()
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.F32);
        using DeviceMemory memory = operators.Allocate(256);
        DeviceBuffer x = new(memory.Pointer, DType.F32, 3, 2, operators.Device), y = new(memory.Pointer + 128, DType.F32, 1, 2, operators.Device);
        operators.Write([1, 2, 3, 4, 5, 6], x);
        BatchPlan plan = new();
        float[] read = new float[2];
        for (int row = 2; row >= 0; row--)
        {
            plan.Clear();
            plan.AddSampled(row);
            operators.GatherRows(x, plan.HeadRows, y);
            operators.GatherRows(x, plan.HeadRows, y);
            operators.Read(y, read);
            Assert.That(read, Is.EqualTo(new float[] { 2 * row + 1, 2 * row + 2 }));
        }
        plan.Clear();
        plan.AddSampled(3);
        Assert.That(() => operators.GatherRows(x, plan.HeadRows, y), Throws.TypeOf<SealException>().With.Message.Contains("rows[0] is 3, expected 0 to 2"));
    }
}

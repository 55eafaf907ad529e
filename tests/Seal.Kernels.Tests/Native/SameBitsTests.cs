using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests.Native;

/// <summary>The native promise: a row's results and an adapter's gradients are the same bits with any number of threads and in any batch.</summary>
[TestFixture("avx512_bf16")]
[TestFixture("avx512")]
[TestFixture("avx2")]
[TestFixture("portable")]
public class SameBitsTests(string isa)
{
    private const int Inputs = 65;
    private static readonly int[] Outputs = [130, 33];

    /// <summary>What one group computes: outputs row by row, z's written part, dx, and each adapter's gradients.</summary>
    private sealed record Results(double[][] Y, double[] Dx, double[][] Gradients);

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void OperatorsIgnoreTheNumberOfThreads(DType activation)
    {
        using NativeOperators one = NativeBuild.RequireOperators(isa, activation, threads: 1);
        using NativeOperators three = NativeBuild.RequireOperators(isa, activation, threads: 3);
        foreach (OperatorCase operatorCase in OperatorCases.All)
        {
            using Trial first = new(one, activation);
            using Trial second = new(three, activation);
            operatorCase.Run(first);
            operatorCase.Run(second);
            foreach ((CheckedResult expected, CheckedResult found) in first.Results.Zip(second.Results))
                Assert.That(found.Values, Is.EqualTo(expected.Values), $"{operatorCase} {expected.Name}");
        }
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void AnAdapterIsTheSameAloneAndInAnyBatch(DType activation)
    {
        using NativeOperators operators = NativeBuild.RequireOperators(isa, activation, threads: 2);
        // Segments of odd lengths, so that tiles straddle them; adapter 2 twice, bare rows between.
        (int Adapter, int Rows)[] all = [(2, 5), (-1, 3), (1, 17), (0, 1), (1, 2), (2, 9)];
        Results batch = Run(operators, all);
        for (int adapter = 0; adapter < 3; adapter++)
        {
            Results alone = Run(operators, all, adapter);
            Assert.That(alone.Gradients[adapter], Is.EqualTo(batch.Gradients[adapter]), $"gradients of adapter {adapter}");
            int row = 0, own = 0;
            foreach ((int segmentAdapter, int rows) in all)
            {
                if (segmentAdapter == adapter)
                {
                    for (int i = 0; i < Outputs.Length; i++)
                        Assert.That(Rows(alone.Y[i], own, rows, Outputs[i]), Is.EqualTo(Rows(batch.Y[i], row, rows, Outputs[i])), $"y{i} of adapter {adapter}");
                    Assert.That(Rows(alone.Dx, own, rows, Inputs), Is.EqualTo(Rows(batch.Dx, row, rows, Inputs)), $"dx of adapter {adapter}");
                    own += rows;
                }
                row += rows;
            }
        }
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void ARowOfTheHeadIsTheSameAloneAndInAnyBatch(DType activation)
    {
        const int rows = 29, hidden = 65, vocabulary = 1000;
        using NativeOperators operators = NativeBuild.RequireOperators(isa, activation, threads: 2);
        using Trial trial = new(operators, activation);
        PackedWeight head = trial.Weight("E", vocabulary, hidden, 3);
        DeviceBuffer h = trial.Input("h", rows, hidden);
        DeviceBuffer targets = trial.Indices(InputValues.Integers("targets", rows, vocabulary));
        DeviceBuffer weights = trial.F32([.. Enumerable.Repeat(0.3f, rows)], 1, rows);
        (double[] all, double[] gradients, double[] logits) = Head(trial, h, head, targets, weights);
        for (int row = 0; row < rows; row += 7)
        {
            (double[] one, double[] gradient, double[] own) = Head(
                trial, h.Slice(row, 1), head, targets.Reshape(rows, 1).Slice(row, 1), weights.Reshape(rows, 1).Slice(row, 1));
            Assert.That(one[0], Is.EqualTo(all[row]));
            Assert.That(gradient, Is.EqualTo(Rows(gradients, row, 1, hidden)));
            Assert.That(own, Is.EqualTo(Rows(logits, row, 1, vocabulary)));
        }
    }

    /// <summary>What training and scoring read of a matrix in blocks, and the rows that are embedded: those of the values that the blocks stand for.</summary>
    [TestCase(BlockType.Q4_0)]
    [TestCase(BlockType.Q4_1)]
    [TestCase(BlockType.Q8_0)]
    public void BlocksUnpackToTheirValues(BlockType type)
    {
        const int rows = 37, columns = 96;
        using NativeOperators operators = NativeBuild.RequireOperators(isa, DType.F32);
        using Trial trial = new(operators, DType.F32);
        byte[] blocks = QuantizedInputs.Blocks("W", type, rows, columns);
        float[] values = new float[rows * columns];
        QuantizedBlocks.Widen(type, blocks, values);
        PackedWeight packed = trial.Own(operators.Prepare(new QuantizedMatrix(type, blocks, rows, columns)));
        PackedWeight plain = trial.Own(operators.Prepare(values, rows, columns));
        DeviceBuffer embedded = trial.Output(rows, columns), x = trial.Input("x", 5, columns), one = trial.Output(5, rows), other = trial.Output(5, rows);
        operators.Embed(packed, trial.Indices([.. Enumerable.Range(0, rows)]), embedded);
        Assert.That(embedded.AsSpan<float>().ToArray(), Is.EqualTo(values));
        BatchPlan plan = new();
        plan.Add(new int[5]);
        operators.LoraLinear(x, new LinearGroup(0, [new LinearMember(packed, DeviceBuffer.None, 0)]), null, plan, DeviceBuffer.None, [one]);
        operators.LoraLinear(x, new LinearGroup(0, [new LinearMember(plain, DeviceBuffer.None, 0)]), null, plan, DeviceBuffer.None, [other]);
        Assert.That(trial.Read(one), Is.EqualTo(trial.Read(other)));
    }

    private static (double[] LogProbabilities, double[] Dh, double[] Logits) Head(
        Trial trial, DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights)
    {
        DeviceBuffer logProbabilities = trial.WideOutput(1, h.Rows);
        DeviceBuffer dh = trial.Output(h.Rows, h.Columns);
        DeviceBuffer logits = trial.F32(new float[h.Rows * head.Rows], h.Rows, head.Rows);
        trial.Operators.LinearCrossEntropy(h, head, targets, weights, logProbabilities, dh);
        trial.Operators.Logits(h, head, logits);
        return (trial.Read(logProbabilities), trial.Read(dh), trial.Read(logits));
    }

    /// <summary>Forward and backward over the segments, or over those of one adapter alone with the very same rows.</summary>
    private static Results Run(NativeOperators operators, (int Adapter, int Rows)[] segments, int? only = null)
    {
        using Trial trial = new(operators, operators.Activation);
        BatchPlan plan = new();
        List<int> rows = [];
        int row = 0;
        foreach ((int adapter, int count) in segments)
        {
            if (only is null || only == adapter)
            {
                plan.Add(new int[count], adapter);
                rows.AddRange(Enumerable.Range(row, count));
            }
            row += count;
        }
        // An adapter alone has its segments side by side; they must stay apart, because a gradient is a sum of segments' sums.
        if (only is not null && segments.Count(segment => segment.Adapter == only) > 1)
            return RunApart(operators, segments, only.Value);

        AdapterSet set = AdapterInputs.Make(
            trial, [.. Outputs.Select(width => new LinearShape(Inputs, width))], [new(3, 2, [0, 1]), new(32, 0.5, [0, 1]), new(17, 1, [1])]);
        trial.Fill(set.Gradients, trial.Values("gradients", set.Elements));
        LinearGroup group = new(1, [.. Outputs.Select((width, i) => new LinearMember(trial.Weight($"W{i}", width, Inputs), trial.WideInput($"bias{i}", 1, width), i))]);
        DeviceBuffer x = Picked(trial, "x", row, Inputs, rows);
        DeviceBuffer z = trial.Output(plan.Rows, set.WidestGroupRank(group));
        DeviceBuffer[] y = [.. Outputs.Select(width => trial.Output(plan.Rows, width))];
        operators.LoraLinear(x, group, set, plan, z, y);
        DeviceBuffer[] dy = [.. Outputs.Select((width, i) => Picked(trial, $"dy{i}", row, width, rows))];
        DeviceBuffer dx = trial.Output(plan.Rows, Inputs);
        operators.LoraLinearBackward(dy, x, z, group, set, plan, dx);
        double[] gradients = trial.Read(set.Gradients);
        return new Results([.. y.Select(trial.Read)], trial.Read(dx), [.. Enumerable.Range(0, set.Count).Select(slot =>
            gradients[(int)set.Range(slot).Offset..(int)(set.Range(slot).Offset + set.Range(slot).Count)])]);
    }

    /// <summary>The segments of one adapter with a bare row between each two, whose results are left out.</summary>
    private static Results RunApart(NativeOperators operators, (int Adapter, int Rows)[] segments, int only)
    {
        (int, int)[] apart = [.. segments.Select(segment => segment.Adapter == only ? segment : (-1, segment.Rows))];
        Results results = Run(operators, apart);
        bool[] own = [.. segments.SelectMany(segment => Enumerable.Repeat(segment.Adapter == only, segment.Rows))];
        double[] Own(double[] values, int width) => [.. values.Where((_, i) => own[i / width])];
        return new Results([.. results.Y.Select((y, i) => Own(y, Outputs[i]))], Own(results.Dx, Inputs), results.Gradients);
    }

    private static DeviceBuffer Picked(Trial trial, string name, int of, int width, List<int> rows)
    {
        double[] values = trial.Values(name, (long)of * width);
        return trial.Fill(trial.Output(rows.Count, width), [.. rows.SelectMany(row => Rows(values, row, 1, width))]);
    }

    private static double[] Rows(double[] values, int start, int count, int width) => values[(start * width)..((start + count) * width)];
}

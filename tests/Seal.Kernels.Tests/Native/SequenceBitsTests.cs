using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests.Native;

/// <summary>A sequence or an adapter has the same bits alone and beside others, and a row whatever comes after it.</summary>
[TestFixture("avx512_bf16")]
[TestFixture("avx512")]
[TestFixture("avx2")]
[TestFixture("portable")]
public class SequenceBitsTests(string isa)
{
    private static readonly AttentionShape Shape = new(6, 2, 24);

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void ASequenceAloneAttendsAsInAPack(DType activation)
    {
        const int length = 75;
        using NativeOperators operators = NativeBuild.RequireOperators(isa, activation);
        double[][] alone = Attend(operators, [length], own: 0);
        double[][] packed = Attend(operators, [1, 130, 3, length, 40, 64], own: 3);
        Assert.That(packed, Is.EqualTo(alone));
        Assert.That(alone[0], Has.None.NaN);
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void ARowKnowsNothingOfLaterOnes(DType activation)
    {
        using NativeOperators operators = NativeBuild.RequireOperators(isa, activation);
        using Trial trial = new(operators, activation);
        const int length = 135, kept = 70;
        DeviceBuffer q = trial.Input("q", length, Shape.QueryWidth);
        DeviceBuffer k = trial.Input("k", length, Shape.KvWidth);
        DeviceBuffer v = trial.Input("v", length, Shape.KvWidth);
        double[] whole = Attended(length);
        double[] prefix = Attended(kept);
        Assert.That(whole[..prefix.Length], Is.EqualTo(prefix));
        Assert.That(prefix, Has.None.NaN);

        // Not even what is no number.
        trial.Fill(k.Slice(kept, 1), [.. Enumerable.Repeat(double.NaN, Shape.KvWidth)]);
        Assert.That(Attended(length)[..prefix.Length], Is.EqualTo(prefix));

        double[] Attended(int rows)
        {
            BatchPlan plan = new();
            plan.Add(new int[rows]);
            DeviceBuffer y = trial.Output(rows, Shape.QueryWidth);
            operators.CausalAttention(q.Slice(0, rows), k.Slice(0, rows), v.Slice(0, rows), Shape, plan, y, DeviceBuffer.None);
            return trial.Read(y);
        }
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void ASequenceAloneDecodesAsInABatch(DType activation)
    {
        using NativeOperators operators = NativeBuild.RequireOperators(isa, activation);
        double[] alone = Decode(operators, [70], own: 0);
        double[] batched = Decode(operators, [3, 200, 70, 1], own: 2);
        Assert.That(batched, Is.EqualTo(alone));
        Assert.That(alone, Has.None.NaN);
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void AnAdapterAloneLearnsAsBesideOthers(DType activation)
    {
        using NativeOperators operators = NativeBuild.RequireOperators(isa, activation);
        double[][] alone = Learn(operators, [24], own: 0);
        double[][] beside = Learn(operators, [1, 24, 8], own: 1);
        Assert.That(beside, Is.EqualTo(alone));
    }

    [Test]
    public void RefusalsAreExceptionsWithTheLibrarysText()
    {
        using NativeOperators operators = NativeBuild.RequireOperators(isa, DType.F32);
        using Trial trial = new(operators, DType.F32);
        DeviceBuffer x = trial.Input("x", 2, 8);
        Assert.That(
            () => operators.GatherRows(x, trial.Indices([2]), trial.Output(1, 8)),
            Throws.TypeOf<SealException>().With.Message.EqualTo("rows[0] is 2, expected 0 to 1"));
        Assert.That(() => operators.Write([1, 2, 3], x), Throws.ArgumentException);
        Assert.That(() => operators.Read(x, new float[15]), Throws.ArgumentException);
    }

    /// <summary>y, log-sum-exp, dq, dk and dv of one sequence, whose inputs are the same wherever it lies.</summary>
    private static double[][] Attend(Operators operators, int[] lengths, int own)
    {
        using Trial trial = new(operators, operators.Activation);
        BatchPlan plan = new();
        foreach (int length in lengths)
            plan.Add(new int[length]);
        PlannedSequence sequence = plan.Sequences[own];
        DeviceBuffer[] inputs =
        [
            .. new[] { ("q", Shape.QueryWidth), ("k", Shape.KvWidth), ("v", Shape.KvWidth), ("dy", Shape.QueryWidth) }
                .Select(input => InputWithOwn(trial, input.Item1, plan.Rows, input.Item2, sequence.Start, sequence.Length)),
        ];
        (DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer dy) = (inputs[0], inputs[1], inputs[2], inputs[3]);
        DeviceBuffer y = trial.Output(plan.Rows, Shape.QueryWidth);
        DeviceBuffer logSumExp = trial.WideOutput(plan.Rows, Shape.Heads);
        DeviceBuffer dq = trial.Output(plan.Rows, Shape.QueryWidth);
        DeviceBuffer dk = trial.Output(plan.Rows, Shape.KvWidth);
        DeviceBuffer dv = trial.Output(plan.Rows, Shape.KvWidth);
        operators.CausalAttention(q, k, v, Shape, plan, y, logSumExp);
        operators.CausalAttentionBackward(dy, q, k, v, y, logSumExp, Shape, plan, dq, dk, dv);
        return [.. new[] { y, logSumExp, dq, dk, dv }.Select(result => trial.Read(result.Slice(sequence.Start, sequence.Length)))];
    }

    private static double[] Decode(Operators operators, int[] prompts, int own)
    {
        using Trial trial = new(operators, operators.Activation);
        KvCache cache = trial.Own(new KvCache(operators, 1, Shape.KvWidth, prompts.Sum() + 32 * prompts.Length));
        BatchPlan prompt = new();
        BatchPlan next = new();
        foreach (int rows in prompts)
        {
            int slot = cache.Open();
            cache.Grow(slot, rows + 1);
            prompt.Add(new int[rows], cacheSlot: slot);
            next.Add([0], firstPosition: rows, cacheSlot: slot);
        }
        foreach (BatchPlan plan in new[] { prompt, next })
        {
            PlannedSequence sequence = plan.Sequences[own];
            string name = plan == prompt ? "prompt" : "next";
            operators.KvAppend(
                InputWithOwn(trial, name + " k", plan.Rows, Shape.KvWidth, sequence.Start, sequence.Length),
                InputWithOwn(trial, name + " v", plan.Rows, Shape.KvWidth, sequence.Start, sequence.Length), cache, 0, plan);
        }
        DeviceBuffer y = trial.Output(prompts.Length, Shape.QueryWidth);
        operators.DecodeAttention(InputWithOwn(trial, "q", prompts.Length, Shape.QueryWidth, own, 1), cache, 0, Shape, next, y);
        return trial.Read(y.Slice(own, 1));
    }

    private static double[][] Learn(Operators operators, int[] ranks, int own)
    {
        using Trial trial = new(operators, DType.F32);
        AdapterSet set = AdapterInputs.Make(trial, [new LinearShape(192, 96)], [.. ranks.Select(rank => new AdapterShape(rank, 1, [0]))]);
        (long offset, long count) = set.Range(own);
        DeviceBuffer norms = trial.WideOutput(1, ranks.Length);
        trial.Fill(AdapterSet.Part(set.Parameters, offset, count), trial.Values("own parameters", count, 0.1));
        set.Publish(own);
        for (int step = 1; step <= 3; step++)
        {
            trial.Fill(set.Gradients, trial.Values($"gradients {step}", set.Elements));
            trial.Fill(AdapterSet.Part(set.Gradients, offset, count), trial.Values($"own gradients {step}", count));
            AdamWRow[] table = [.. ranks.Select((_, slot) => new AdamWRow(slot, 0.01, step, 1, 0.1, 0.9, 0.999, 1e-8))];
            operators.AdamW(set, table, norms);
        }
        return
        [
            .. new[] { set.Parameters, set.FirstMoment, set.SecondMoment }.Select(buffer => trial.Read(AdapterSet.Part(buffer, offset, count))),
            [trial.Read(norms)[own]],
        ];
    }

    /// <summary>Random rows of which those of one sequence are a function of the name alone.</summary>
    private static DeviceBuffer InputWithOwn(Trial trial, string name, int rows, int columns, int start, int length)
    {
        DeviceBuffer input = trial.Input($"{name} of {rows}", rows, columns);
        trial.Fill(input.Slice(start, length), trial.Values(name, (long)length * columns));
        return input;
    }
}

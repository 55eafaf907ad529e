namespace Seal.Kernels.Cases;

/// <summary>Prompts appended at once, then one row each, attended from the cache; one sequence was closed before, so pages are reused.</summary>
/// <param name="prompts">Rows of each sequence before the new one.</param>
internal sealed class DecodeAttentionCase(AttentionShape attention, params int[] prompts) : OperatorCase
{
    public override string Operator => "decode_attention";

    public override string Shape => $"{attention.Heads}:{attention.KvHeads} heads of {attention.HeadDim}, after {string.Join(' ', prompts)} rows";

    public override void Run(Trial trial)
    {
        const int layer = 1;
        KvCache cache = trial.Own(new KvCache(trial.Operators, 2, attention.KvWidth, prompts.Sum(rows => rows + 1 + KvCache.PageSize) + 32));
        trial.Fill(cache.Keys(layer), [.. Enumerable.Repeat(double.NaN, (int)cache.Keys(layer).Elements)]);
        trial.Fill(cache.Values(layer), [.. Enumerable.Repeat(double.NaN, (int)cache.Values(layer).Elements)]);
        int closed = cache.Open();
        cache.Grow(closed, 20);
        int[] slots = [.. prompts.Select(_ => cache.Open())];
        cache.Close(closed);

        BatchPlan prompt = new();
        BatchPlan next = new();
        for (int i = 0; i < prompts.Length; i++)
        {
            cache.Grow(slots[i], prompts[i] + 1);
            if (prompts[i] > 0)
                prompt.Add(new int[prompts[i]], cacheSlot: slots[i]);
            next.Add([0], firstPosition: prompts[i], cacheSlot: slots[i]);
        }
        if (prompt.Rows > 0)
            trial.Operators.KvAppend(
                trial.Input("prompt k", prompt.Rows, attention.KvWidth), trial.Input("prompt v", prompt.Rows, attention.KvWidth), cache, layer, prompt);
        trial.Operators.KvAppend(
            trial.Input("k", next.Rows, attention.KvWidth), trial.Input("v", next.Rows, attention.KvWidth), cache, layer, next);
        trial.Check("cached keys", CachedRows(trial, cache, cache.Keys(layer), slots), Tolerances.Exact);
        trial.Check("cached values", CachedRows(trial, cache, cache.Values(layer), slots), Tolerances.Exact);

        DeviceBuffer y = trial.Output(next.Rows, attention.QueryWidth);
        DeviceBuffer q = trial.Input("q", next.Rows, attention.QueryWidth);
        double cached = prompts.Sum(rows => rows + 1.0);
        var cost = new Cost(4 * cached * attention.QueryWidth, trial.Bytes(2 * cached * attention.KvWidth));
        trial.Call("forward", cost, () => trial.Operators.DecodeAttention(q, cache, layer, attention, next, y));
        trial.Check("y", y, Tolerances.Attention(attention.HeadDim));
        if (attention.HeadDim % 2 == 0)
            Step(trial, cache, layer, slots, next);
    }

    /// <summary>The last rows once more, with others in their place: rotated, appended and attended at once.</summary>
    private void Step(Trial trial, KvCache cache, int layer, int[] slots, BatchPlan next)
    {
        DeviceBuffer cosSin = RopeCase.Angles(trial, prompts.Max() + 1, attention.HeadDim);
        DeviceBuffer q = trial.Input("step q", next.Rows, attention.QueryWidth), k = trial.Input("step k", next.Rows, attention.KvWidth);
        DeviceBuffer v = trial.Input("step v", next.Rows, attention.KvWidth), y = trial.Output(next.Rows, attention.QueryWidth);
        trial.Operators.DecodeStep(q, k, v, cosSin, cache, layer, attention, next, y);
        trial.Check("step q", q, Tolerances.Elementwise);
        trial.Check("step keys", CachedRows(trial, cache, cache.Keys(layer), slots), Tolerances.Elementwise);
        trial.Check("step values", CachedRows(trial, cache, cache.Values(layer), slots), Tolerances.Exact);
        trial.Check("step y", y, Tolerances.Attention(attention.HeadDim));
    }

    private static double[] CachedRows(Trial trial, KvCache cache, DeviceBuffer cached, int[] slots)
    {
        double[] all = trial.Read(cached);
        return [.. slots.SelectMany(slot => Enumerable.Range(0, cache.Length(slot)))
            .Zip(slots.SelectMany(slot => Enumerable.Repeat(slot, cache.Length(slot))), (position, slot) => cache.Row(slot, position))
            .SelectMany(row => all.AsSpan(row * cached.Columns, cached.Columns).ToArray())];
    }
}

using System.Buffers;
using System.Numerics.Tensors;

namespace Seal.Kernels;

/// <summary>
/// Draws a token from one row of logits. Probabilities are softmax(logits / temperature) in f64; top-k keeps the k most likely,
/// then top-p the most likely of those until their renormalised probabilities reach p (the one that reaches it included).
/// Equal logits rank by id, lowest first. A NaN logit is never drawn. The draw is a function of logits, seed and counter alone.
/// </summary>
public static class Sampling
{
    /// <summary>One token id.</summary>
    /// <exception cref="ArgumentException">No logits, a negative or NaN temperature, a negative top-k, or a NaN top-p.</exception>
    public static int Draw(ReadOnlySpan<float> logits, SamplingRow row)
    {
        if (logits.IsEmpty || !(row.Temperature >= 0) || row.TopK < 0 || float.IsNaN(row.TopP))
            throw new ArgumentException($"cannot draw from {logits.Length} logits by {row}");
        int likeliest = Greedy(logits);
        float largest = logits[likeliest];
        if (row.Temperature == 0 || row.TopK == 1 || !float.IsFinite(largest))
            return likeliest;

        double uniform = CounterRandom.Uniform(row.Seed, (ulong)row.Counter);
        bool topK = row.TopK > 0 && row.TopK < logits.Length;
        double[] weights = ArrayPool<double>.Shared.Rent(logits.Length);
        try
        {
            Span<double> weight = weights.AsSpan(0, logits.Length);
            Weigh(logits, largest, row.Temperature, weight);
            return topK || row.TopP < 1
                ? DrawRanked(logits, weight, topK ? row.TopK : logits.Length, row.TopP, uniform)
                : Pick(weight, TensorPrimitives.Sum(weight) * uniform);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(weights);
        }
    }

    /// <summary>The most likely token: ties to the lowest id, NaN the least likely of all.</summary>
    public static int Greedy(ReadOnlySpan<float> logits)
    {
        int best = TensorPrimitives.IndexOfMax(logits);
        if (float.IsNaN(logits[best]))
        {
            // IndexOfMax answers with the first NaN: look again without them.
            best = 0;
            for (int i = 1; i < logits.Length; i++)
                if (logits[i] > logits[best] || (float.IsNaN(logits[best]) && !float.IsNaN(logits[i])))
                    best = i;
        }
        // IndexOfMax takes +0 for larger than −0; as logits they are equal.
        return logits[best] == 0 ? logits.IndexOf(0f) : best;
    }

    private static void Weigh(ReadOnlySpan<float> logits, float largest, float temperature, Span<double> weight)
    {
        for (int i = 0; i < logits.Length; i++)
            weight[i] = float.IsNaN(logits[i]) ? double.NegativeInfinity : ((double)logits[i] - largest) / temperature;
        TensorPrimitives.Exp(weight, weight);
    }

    private static int Pick(ReadOnlySpan<double> weight, double until)
    {
        int last = 0;
        double sum = 0;
        for (int i = 0; i < weight.Length; i++)
        {
            if (weight[i] <= 0)
                continue;
            sum += weight[i];
            last = i;
            if (sum > until)
                break;
        }
        return last; // the last possible one where rounding kept the sum below the total
    }

    private static int DrawRanked(ReadOnlySpan<float> logits, ReadOnlySpan<double> weight, int topK, float topP, double uniform)
    {
        ulong[] keys = ArrayPool<ulong>.Shared.Rent(logits.Length);
        try
        {
            // Everything lighter than (1 − p)·total/n weighs less than 1 − p together: the nucleus is reached without it.
            double floor = topK == logits.Length ? Math.Max(0, 1 - (double)topP) * TensorPrimitives.Sum(weight) / logits.Length : 0;
            int count = 0;
            for (int id = 0; id < logits.Length; id++)
                if (weight[id] > 0 && weight[id] >= floor * 0.999)
                    keys[count++] = Rank(logits[id], id);
            Span<ulong> kept = keys.AsSpan(0, count);
            if (topK < count)
            {
                SelectSmallest(kept, topK);
                kept = kept[..topK];
            }
            kept.Sort();
            double total = topK == logits.Length ? TensorPrimitives.Sum(weight) : Total(kept, weight, double.PositiveInfinity).Sum;
            (int nucleus, double mass) = Total(kept, weight, topP * total);
            return IdOf(kept[Total(kept[..nucleus], weight, mass * uniform).Count - 1]);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(keys);
        }
    }

    /// <summary>How many of the ranked tokens it takes to weigh <paramref name="enough"/>, at least one, and what they weigh.</summary>
    private static (int Count, double Sum) Total(ReadOnlySpan<ulong> ranked, ReadOnlySpan<double> weight, double enough)
    {
        double sum = 0;
        for (int i = 0; i < ranked.Length; i++)
        {
            sum += weight[IdOf(ranked[i])];
            if (sum >= enough)
                return (i + 1, sum);
        }
        return (ranked.Length, sum);
    }

    /// <summary>A key that sorts by falling logit, then by rising id; the id is its low half.</summary>
    private static ulong Rank(float logit, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f); // −0 + 0 is +0
        uint rising = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
        return ((ulong)~rising << 32) | (uint)id;
    }

    private static int IdOf(ulong key) => (int)(uint)key;

    /// <summary>Brings the smallest keys to the front, in any order (Hoare's selection; the keys are distinct).</summary>
    private static void SelectSmallest(Span<ulong> keys, int count)
    {
        int low = 0;
        int high = keys.Length - 1;
        while (low < high)
        {
            ulong pivot = keys[low + (high - low) / 2];
            int i = low;
            int j = high;
            while (i <= j)
            {
                while (keys[i] < pivot)
                    i++;
                while (keys[j] > pivot)
                    j--;
                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }
            if (count - 1 <= j)
                high = j;
            else if (count - 1 >= i)
                low = i;
            else
                return;
        }
    }
}

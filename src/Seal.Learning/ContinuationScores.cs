using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning;

/// <summary>A text that might go on so, under one adapter (−1: the bare model).</summary>
public sealed record Continuation(int[] Prompt, int[] Tokens, int Adapter);

/// <summary>How likely continuations are.</summary>
internal static class ContinuationScores
{
    // Rows of one scoring pass; also what bounds its memory.
    private const int MaxRows = 2048;

    /// <returns>For each continuation the natural log-probability of each of its tokens.</returns>
    public static float[][] Of(Transformer transformer, IReadOnlyList<Continuation> continuations, AdapterSet? adapters, CancellationToken cancel)
    {
        float[][] result = [.. continuations.Select(continuation => new float[continuation.Tokens.Length])];
        var plan = new BatchPlan();
        int first = 0;
        for (int i = 0; i < continuations.Count; i++)
        {
            (int[] prompt, int[] wanted, int adapter) = continuations[i];
            // The last token is only a target.
            int[] tokens = [.. prompt, .. wanted[..^1]];
            if (plan.Rows > 0 && plan.Rows + tokens.Length > MaxRows)
            {
                Score(transformer, plan, adapters, result.AsSpan(first..i));
                first = i;
                cancel.ThrowIfCancellationRequested();
            }
            int start = plan.Add(tokens, adapter);
            for (int j = 0; j < wanted.Length; j++)
                plan.AddTarget(start + prompt.Length - 1 + j, wanted[j], 1);
        }
        Score(transformer, plan, adapters, result.AsSpan(first));
        return result;
    }

    private static void Score(Transformer transformer, BatchPlan plan, AdapterSet? adapters, Span<float[]> results)
    {
        if (plan.HeadCount == 0)
            return;
        float[] scores = new float[plan.HeadCount];
        transformer.Score(plan, adapters, scores);
        int at = 0;
        foreach (float[] result in results)
        {
            scores.AsSpan(at, result.Length).CopyTo(result);
            at += result.Length;
        }
        plan.Clear();
    }
}

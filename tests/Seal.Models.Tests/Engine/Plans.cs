using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>A sequence as tests put it into a plan.</summary>
internal sealed record Packed(int[] Tokens, int Adapter = -1);

/// <summary>Plans out of sequences.</summary>
internal static class Plans
{
    /// <summary>Every row asks for its logits.</summary>
    public static BatchPlan Sampled(params IReadOnlyList<Packed> sequences)
    {
        var plan = new BatchPlan();
        foreach (Packed sequence in sequences)
        {
            int start = plan.Add(sequence.Tokens, sequence.Adapter);
            for (int i = 0; i < sequence.Tokens.Length; i++)
                plan.AddSampled(start + i);
        }
        return plan;
    }

    /// <summary>Every row has a target (the next token; after the last, the first) and a weight of its own.</summary>
    public static BatchPlan Scored(params IReadOnlyList<Packed> sequences)
    {
        var plan = new BatchPlan();
        foreach (Packed sequence in sequences)
        {
            int start = plan.Add(sequence.Tokens, sequence.Adapter);
            for (int i = 0; i < sequence.Tokens.Length; i++)
                plan.AddTarget(start + i, Target(sequence.Tokens, i), Weight(i));
        }
        return plan;
    }

    public static int Target(int[] tokens, int row) => tokens[(row + 1) % tokens.Length];

    public static float Weight(int row) => (1 + row % 3) / 16f;
}

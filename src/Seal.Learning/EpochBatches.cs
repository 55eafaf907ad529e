using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning;

/// <summary>The micro-batches of a training job: epochs over its sequences, each in an order of its own drawn from the seed.</summary>
public static class EpochBatches
{
    public static IReadOnlyList<IReadOnlyList<TrainingSequence>> Of(
        IReadOnlyList<TrainingSequence> sequences, int epochs, int batchSequences, ulong seed)
    {
        var batches = new List<IReadOnlyList<TrainingSequence>>();
        for (int epoch = 0; epoch < epochs; epoch++)
            batches.AddRange(Shuffled(sequences, CounterRandom.Derive(seed, $"epoch {epoch}")).Chunk(batchSequences));
        return batches;
    }

    /// <summary>Fisher and Yates.</summary>
    private static TrainingSequence[] Shuffled(IReadOnlyList<TrainingSequence> sequences, ulong seed)
    {
        TrainingSequence[] order = [.. sequences];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = (int)(CounterRandom.Uniform(seed, (ulong)i) * (i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }
}

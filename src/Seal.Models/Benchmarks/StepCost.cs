namespace Seal.Models.Benchmarks;

/// <summary>
/// Floating-point operations of a training step, by formula: what has to be computed, whatever a backend computes. P = frozen weights of the
/// layers, Ph = of the head, PL = of an adapter: 4·T·P forward and dX, 4·T·Ph head and its gradient, 6·T·PL adapters, and causal attention
/// 7·T²·d_a a layer and sequence (its backward pass recomputes the scores); no dX of the lowest layer's q, k and v.
/// </summary>
public static class StepCost
{
    /// <param name="rank">Of every adapter, on all linears.</param>
    /// <param name="sequences">How many there are, one under each adapter.</param>
    /// <param name="length">Tokens of each, all of them counted.</param>
    public static double Flops(ModelConfig config, int rank, int sequences, int length)
    {
        double tokens = (double)sequences * length, layers = config.Layers;
        double body = 0, adapter = 0, lowest = 0;
        IReadOnlyList<Kernels.LinearShape> shapes = LoraTargets.Shapes(config);
        for (int target = 0; target < shapes.Count; target++)
        {
            (int inputs, int outputs) = (shapes[target].Inputs, shapes[target].Outputs);
            body += (double)inputs * outputs;
            adapter += (double)rank * (inputs + outputs);
            if (target <= (int)LoraTarget.VProj)
                lowest += (double)inputs * (outputs + rank);
        }
        double head = (double)config.Vocabulary * config.Hidden, width = (double)config.Heads * config.HeadDim;
        return tokens * (4 * body * layers - 2 * lowest + 4 * head + 6 * adapter * layers) + 7.0 * length * length * width * layers * sequences;
    }
}

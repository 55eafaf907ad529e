namespace Seal.Models.Benchmarks;

/// <summary>A GPU's data-sheet peaks: dense bf16 with f32 sums, and memory.</summary>
public sealed record Gpu(string Name, double Tflops, double GigabytesPerSecond);

/// <summary>The sizes of a decoder that a step's cost depends on.</summary>
public sealed record PlannedModel(string Name, int Layers, int Hidden, int Heads, int KvHeads, int HeadDim, int Intermediate, int Vocabulary)
{
    public double QueryWidth => (double)Heads * HeadDim;

    public double KvWidth => (double)KvHeads * HeadDim;

    /// <summary>Frozen weights of a layer's linears.</summary>
    public double LayerWeights => Hidden * (2 * QueryWidth + 2 * KvWidth + 3.0 * Intermediate);

    /// <summary>Σ (inputs + outputs) of a layer's seven linears: times the rank, the parameters of one adapter.</summary>
    public double LayerFactors => Hidden + QueryWidth + 2 * (Hidden + KvWidth) + QueryWidth + Hidden + 3.0 * (Hidden + Intermediate);

    public double Head => (double)Vocabulary * Hidden;
}

/// <summary>What one kernel of a step, over all its launches, computes and moves.</summary>
/// <param name="Bytes">Operands and results, each once from memory: weights, activations in bf16, optimizer state in f32.</param>
public sealed record PlannedKernel(string Name, int Launches, double Flops, double Bytes);

/// <summary>
/// The cost of one training step on the CUDA kernels, from shapes alone: launches, FLOPs and bytes of each kernel, and the time that a
/// GPU's peaks allow. No kernel reaches its roof; what is predicted is a bound and where it lies, not a measurement.
/// </summary>
public sealed record StepPlan(PlannedModel Model, int Adapters, int Rows, int Rank, IReadOnlyList<PlannedKernel> Kernels)
{
    /// <summary>Seconds that a launch takes in a CUDA graph: what separates kernels that have nothing to do.</summary>
    public const double LaunchSeconds = 1e-6;

    /// <summary>Columns of the vocabulary at a time in the gradient of cross entropy (<c>linear_cross_entropy.cu</c>).</summary>
    private const int VocabularyChunk = 8192;

    public static IReadOnlyList<Gpu> Gpus { get; } =
        [new("A100", 312, 2039), new("L4", 121, 300), new("RTX 4090", 165, 1008), new("H100", 989, 3350)];

    public static IReadOnlyList<PlannedModel> Models { get; } =
    [
        new("SmolLM2-135M", 30, 576, 9, 3, 64, 1536, 49152),
        new("Llama-3.2-1B", 16, 2048, 32, 8, 64, 8192, 128256),
        new("Qwen2.5-7B", 28, 3584, 28, 4, 128, 18944, 152064),
    ];

    public int Launches => Kernels.Sum(kernel => kernel.Launches);

    public double Flops => Kernels.Sum(kernel => kernel.Flops);

    public double Bytes => Kernels.Sum(kernel => kernel.Bytes);

    /// <param name="rows">Tokens of each adapter, one sequence each, all with a target.</param>
    public static StepPlan Of(PlannedModel model, int adapters, int rows, int rank)
    {
        double t = (double)adapters * rows, layers = model.Layers, weights = layers * model.LayerWeights, factors = layers * model.LayerFactors * rank;
        double ffn = model.Intermediate, wide = model.QueryWidth + 2 * model.KvWidth;
        // Activations that the seven linears read and write, in elements of a token and layer.
        double traffic = model.Hidden + wide + model.QueryWidth + model.Hidden + model.Hidden + 2 * ffn + ffn + model.Hidden;
        double pairs = adapters * rows * (rows + 1.0) * model.QueryWidth * layers;
        int chunks = (model.Vocabulary + VocabularyChunk - 1) / VocabularyChunk;
        return new StepPlan(model, adapters, rows, rank,
        [
            new("linears forward", 8 * model.Layers, 2 * t * (weights + factors), 2 * (weights + adapters * factors) + 2 * t * layers * traffic),
            new("linears backward", 8 * model.Layers, 2 * t * (weights + 2 * factors), 2 * (weights + adapters * factors) + 2 * t * layers * traffic + 8 * adapters * factors),
            new("attention forward", model.Layers, 2 * pairs, 2 * t * layers * (wide + model.QueryWidth)),
            new("attention backward", model.Layers, 7 * pairs, 2 * t * layers * (2 * wide + 2 * model.QueryWidth)),
            new("normalisation", (4 * model.Layers) + 2, 26 * t * layers * model.Hidden, 32 * t * layers * model.Hidden),
            new("rope", 2 * model.Layers, 6 * t * layers * (wide - model.KvWidth), 8 * t * layers * (wide - model.KvWidth)),
            new("SwiGLU", 2 * model.Layers, 30 * t * layers * ffn, 16 * t * layers * ffn),
            new("cross entropy", 3 + (2 * chunks), 6 * t * model.Head, 6 * model.Head + 4 * t * model.Vocabulary),
            new("rows of the head, embedding", 4, 0, 16 * t * model.Hidden),
            new("AdamW", 2, 14 * adapters * factors, 34 * adapters * factors),
        ]);
    }

    /// <summary>Each kernel's roof, the larger of arithmetic and memory, and its launches, one after the other.</summary>
    public double Seconds(Gpu gpu) => Kernels.Sum(kernel => Seconds(kernel, gpu));

    public static double Seconds(PlannedKernel kernel, Gpu gpu) =>
        (kernel.Launches * LaunchSeconds) + Math.Max(kernel.Flops / (gpu.Tflops * 1e12), kernel.Bytes / (gpu.GigabytesPerSecond * 1e9));

    public double TokensPerSecond(Gpu gpu) => Adapters * Rows / Seconds(gpu);
}

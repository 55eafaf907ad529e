namespace Seal.Models.Benchmarks;

/// <summary>Shapes of published models, for measurements that need no file.</summary>
public static class ModelConfigs
{
    /// <summary>SmolLM2-135M. (Its config.json on Hugging Face)</summary>
    public static ModelConfig SmolLM2 { get; } = new()
    {
        Family = ModelFamily.Llama,
        Layers = 30,
        Hidden = 576,
        Intermediate = 1536,
        Heads = 9,
        KvHeads = 3,
        HeadDim = 64,
        Vocabulary = 49152,
        MaxPositions = 8192,
        RmsNormEps = 1e-5,
        RopeTheta = 100000,
        TiedEmbedding = true,
    };
}

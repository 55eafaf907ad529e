using Seal.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Benchmarks;

/// <summary>
/// The frozen model of <see cref="LibtorchStep"/>, the same random values as <see cref="TransformerWeights.Random"/>: q, k and v of a
/// layer are one matrix, gate and up another, so that each is one product; below each is room for the A of its adapters.
/// </summary>
internal sealed class LibtorchWeights : IDisposable
{
    /// <param name="on">Null: the host.</param>
    public LibtorchWeights(ModelConfig config, ScalarType type, int rank, ulong seed, torch.Device? on = null)
    {
        Config = config;
        Type = type;
        On = on ?? CPU;
        Embedding = Matrix("model.embed_tokens.weight", config.Vocabulary, config.Hidden);
        Head = config.TiedEmbedding ? Embedding : Matrix("lm_head.weight", config.Vocabulary, config.Hidden);
        Gain = ones(config.Hidden, dtype: type, device: On);
        IReadOnlyList<LinearShape> shapes = LoraTargets.Shapes(config);
        Layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new[]
        {
            Stacked(layer, LoraTarget.QProj, LoraTarget.KProj, LoraTarget.VProj),
            Stacked(layer, LoraTarget.OProj),
            Stacked(layer, LoraTarget.GateProj, LoraTarget.UpProj),
            Stacked(layer, LoraTarget.DownProj),
        })];

        Tensor Matrix(string name, int rows, int columns)
        {
            float[] random = new float[rows * columns];
            TransformerWeights.RandomValues(name, rows, columns, seed, random);
            using Tensor values = tensor(random, [rows, columns]);
            return values.to(type, On, copy: true);
        }

        Tensor Stacked(int layer, params LoraTarget[] targets)
        {
            Tensor[] parts = [.. targets.Select(target =>
                Matrix($"model.layers.{layer}.{target.ModulePath()}.weight", shapes[(int)target].Outputs, shapes[(int)target].Inputs))];
            Tensor whole = cat([.. parts, zeros(targets.Length * rank, parts[0].shape[1], dtype: type, device: On)], 0);
            foreach (Tensor part in parts)
                part.Dispose();
            return whole;
        }
    }

    public ModelConfig Config { get; }

    public ScalarType Type { get; }

    /// <summary>Where all of it lies.</summary>
    public torch.Device On { get; }

    public Tensor Embedding { get; }

    public Tensor Head { get; }

    /// <summary>Every norm's gain: 1, in a tensor, because a trained model's is not.</summary>
    public Tensor Gain { get; }

    /// <summary>qkv, o, gate and up, down of every layer, each <c>[out + r a linear, in]</c>.</summary>
    public IReadOnlyList<Tensor[]> Layers { get; }

    public void Dispose()
    {
        Embedding.Dispose();
        Head.Dispose();
        Gain.Dispose();
        foreach (Tensor[] layer in Layers)
            foreach (Tensor weight in layer)
                weight.Dispose();
    }
}

using Seal.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Benchmarks;

/// <summary>
/// The opponent: the fastest LoRA training step that we know how to write on libtorch, without our operators. No autograd: the backward
/// pass is written out in <see cref="LibtorchScript"/>. Linears that share an input are one product, A included, B is added into the base result
/// (<c>addmm_</c>), gradients are written where the flat, fused AdamW reads them, logits become probabilities in place. Attention is
/// products over blocks of queries: in bf16 on Zen 4 a layer's flash attention, forward and backward, takes 1.9, 3.3 and 2.5 times as long
/// at 32, 128 and 512 tokens; in f32 0.8, 1.0 and 1.3 times.
/// </summary>
/// <remarks>
/// llama's shapes without biases, every linear adapted, one sequence, every token but the first a target. oneDNN's packed weights are not
/// used: of its products TorchSharp reaches <c>mkldnn_linear</c> alone, whose copies in and out make it slower in bf16 at every length; in f32
/// it gains an eighth on gate and up from 128 tokens on, which would be some 3 % of a step, and little or nothing elsewhere.
/// </remarks>
internal sealed class LibtorchStep : IDisposable
{
    /// <summary>Queries of an attention block.</summary>
    private const int Block = 128;

    private readonly LibtorchWeights _weights;
    private readonly LibtorchAdapter[] _adapters;
    private readonly OptimizerSettings _optimizer;
    private readonly jit.CompilationUnit _script;
    private readonly Tensor[][] _saved;
    private readonly Tensor[] _gains;
    private readonly Tensor _mask;
    private Tensor[] _rope = []; // cos and sin [rows, 1, headDim / 2]
    private Tensor _logits = empty(0);

    public LibtorchStep(LibtorchWeights weights, IReadOnlyList<LoraAdapter> adapters, OptimizerSettings optimizer)
    {
        ModelConfig config = weights.Config;
        if (config.QkvBias || config.QkNorm || config.RopeScaling is not null || adapters.Any(adapter => adapter.Settings.Targets.Count != LoraTargets.All.Count))
            throw new ArgumentException("only llama's shapes, with an adapter on every linear", nameof(weights));
        _weights = weights;
        _optimizer = optimizer;
        _adapters = [.. adapters.Select(adapter => new LibtorchAdapter(config, adapter, weights.Type, weights.On))];
        _script = jit.compile(LibtorchScript.Text);
        _saved = new Tensor[config.Layers][];
        _gains = [weights.Gain, weights.Gain];
        _mask = full(Block, Block, -1e30f, dtype: weights.Type, device: weights.On).triu_(1);
    }

    public IReadOnlyList<LibtorchAdapter> Adapters => _adapters;

    /// <summary>Gradient norm of the latest step, before clipping.</summary>
    public double LastNorm { get; private set; }

    /// <summary>Forward, backward and update of one adapter on one sequence of rows + 1 tokens.</summary>
    /// <returns>Mean negative log-likelihood, in nats.</returns>
    public double Run(int adapter, ReadOnlySpan<int> sequence, double learningRate)
    {
        using IDisposable inference = inference_mode();
        using DisposeScope scope = NewDisposeScope();
        int rows = sequence.Length - 1;
        Resize(rows);
        LibtorchAdapter lora = _adapters[adapter];
        Tensor tokens = tensor(sequence.ToArray(), ScalarType.Int32).to(ScalarType.Int64, _weights.On);
        Tensor x = _weights.Embedding.index_select(0, tokens.narrow(0, 0, rows));
        for (int layer = 0; layer < _saved.Length; layer++)
            _script.invoke("load", _weights.Layers[layer], lora.Factors[layer]);
        for (int layer = 0; layer < _saved.Length; layer++)
            _saved[layer] = (Tensor[])_script.invoke("layer", x, _gains, _weights.Layers[layer], lora.Factors[layer], _rope, _mask,
                _weights.Config.Heads, _weights.Config.KvHeads, lora.Scale, _weights.Config.RmsNormEps);
        var head = (Tensor[])_script.invoke(
            "head", x, _weights.Gain, _weights.Head, tokens.narrow(0, 1, rows), _logits, _weights.Config.RmsNormEps);
        Tensor dx = head[1];
        for (int layer = _saved.Length - 1; layer >= 0; layer--)
        {
            _script.invoke("layer_backward", dx, _gains, _weights.Layers[layer], lora.Factors[layer], lora.FactorGradients[layer],
                _saved[layer], _rope, Block, _weights.Config.Heads, _weights.Config.KvHeads, lora.Scale, layer == 0);
            foreach (Tensor tensor in _saved[layer])
                tensor.Dispose();
        }
        Update(lora, learningRate);
        return head[0].item<float>();
    }

    private void Update(LibtorchAdapter lora, double learningRate)
    {
        OptimizerSettings o = _optimizer;
        using var norm = (Tensor)_script.invoke("update",
            List(lora.Parameters), List(lora.Gradients), List(lora.First), List(lora.Second), List(lora.Steps), lora.Working, lora.Raw, lora.Mixed,
            learningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay, o.ClipNorm);
        LastNorm = norm.item<float>();

        static Tensor[] List(Tensor tensor) => [tensor];
    }

    // What depends on the length alone is kept from step to step.
    private void Resize(int rows)
    {
        if (_logits.shape[0] == rows)
            return;
        FreeSized();
        int half = _weights.Config.HeadDim / 2;
        Tensor frequencies = tensor([.. Enumerable.Range(0, half).Select(j => 1 / Math.Pow(_weights.Config.RopeTheta, 2.0 * j / _weights.Config.HeadDim))]);
        Tensor angles = arange(rows, dtype: ScalarType.Float64).unsqueeze(1).mul(frequencies).unsqueeze(1);
        _rope = [angles.cos().to(_weights.Type, _weights.On).DetachFromDisposeScope(), angles.sin().to(_weights.Type, _weights.On).DetachFromDisposeScope()];
        _logits = empty(rows, _weights.Config.Vocabulary, dtype: _weights.Type, device: _weights.On).DetachFromDisposeScope();
    }

    private void FreeSized()
    {
        _logits.Dispose();
        foreach (Tensor part in _rope)
            part.Dispose();
    }

    public void Dispose()
    {
        foreach (LibtorchAdapter adapter in _adapters)
            adapter.Dispose();
        FreeSized();
        _mask.Dispose();
        _script.Dispose();
    }
}

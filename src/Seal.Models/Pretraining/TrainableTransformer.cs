using Seal.Kernels;
using Seal.Models.Formats;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Pretraining;

/// <summary>
/// llama with every weight trainable, in libtorch's autograd: used once, to make a base model, so it is written to be read. Masters are f32;
/// products and attention run in <paramref name="compute"/>.
/// </summary>
internal sealed class TrainableTransformer : IDisposable
{
    private const double Epsilon = 1e-5, Theta = 10000;

    private readonly ModelConfig _config;
    private readonly ScalarType _compute;
    private readonly Tensor _cos; // [1, 1, positions, headDim]
    private readonly Tensor _sin;

    public TrainableTransformer(PretrainingSettings settings, int vocabulary, int endOfText, ScalarType compute)
    {
        _compute = compute;
        _config = new ModelConfig
        {
            Family = ModelFamily.Llama,
            Layers = settings.Layers,
            Hidden = settings.Hidden,
            Intermediate = settings.Intermediate,
            Heads = settings.Heads,
            KvHeads = settings.KvHeads,
            HeadDim = settings.Hidden / settings.Heads,
            Vocabulary = vocabulary,
            MaxPositions = 2048,
            RmsNormEps = Epsilon,
            RopeTheta = Theta,
            TiedEmbedding = true,
            EosTokenIds = [endOfText],
        };
        Parameters = [.. TensorLayout.Expected(_config).Select(entry => (entry.Name, Start(entry.Name, entry.Shape, settings)))];
        using Tensor inverse = tensor(Enumerable.Range(0, _config.HeadDim / 2).Select(i => (float)Math.Pow(Theta, -2.0 * i / _config.HeadDim)).ToArray());
        using Tensor angles = outer(arange(settings.RowTokens, ScalarType.Float32), inverse).repeat(1, 2);
        _cos = angles.cos().to(compute).unsqueeze(0).unsqueeze(0);
        _sin = angles.sin().to(compute).unsqueeze(0).unsqueeze(0);
    }

    public ModelConfig Config => _config;

    /// <summary>By Hugging Face's names, in the order of the layers.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parameters { get; }

    /// <summary>Sum of the negative log-likelihoods of the counted tokens in some of the rows, in nats.</summary>
    public Tensor Loss(TokenRows batch, int from, int to)
    {
        int length = batch.Length, first = from * length;
        var weights = Parameters.ToDictionary(entry => entry.Name, entry => entry.Value.ndim == 2 ? entry.Value.to(_compute) : entry.Value);
        using Tensor tokens = tensor(batch.Tokens.AsSpan(first, (to - from) * length).ToArray(), [to - from, length]);
        Tensor hidden = Hidden(weights, tokens);
        long[] rows = [.. Enumerable.Range(0, (to - from) * length).Where(i => (i + 1) % length != 0 && batch.Counted[first + i + 1])];
        using Tensor chosen = tensor(rows), targets = tensor(Array.ConvertAll(rows, row => batch.Tokens[first + row + 1]));
        Tensor logits = hidden.view(-1, _config.Hidden).index_select(0, chosen).matmul(weights[TensorLayout.Embedding].t());
        return nn.functional.cross_entropy(logits.to(ScalarType.Float32), targets, reduction: nn.Reduction.Sum);
    }

    /// <summary>The final norm's output <c>[rows, length, hidden]</c>.</summary>
    private Tensor Hidden(Dictionary<string, Tensor> weights, Tensor tokens)
    {
        Tensor x = weights[TensorLayout.Embedding].index_select(0, tokens.flatten()).view(tokens.shape[0], tokens.shape[1], _config.Hidden);
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            Tensor Weight(string part) => weights[$"model.layers.{layer}.{part}.weight"];
            Tensor h = Norm(x, Weight("input_layernorm"));
            x = Sum(x, Attention(
                h.matmul(cat([Weight("self_attn.q_proj"), Weight("self_attn.k_proj"), Weight("self_attn.v_proj")]).t())).matmul(Weight("self_attn.o_proj").t()));
            h = Norm(x, Weight("post_attention_layernorm"));
            Tensor[] gateUp = h.matmul(cat([Weight("mlp.gate_proj"), Weight("mlp.up_proj")]).t()).split(_config.Intermediate, -1);
            x = Sum(x, (nn.functional.silu(gateUp[0]) * gateUp[1]).matmul(Weight("mlp.down_proj").t()));
        }
        return Norm(x, weights[TensorLayout.FinalNorm]);
    }

    private Tensor Norm(Tensor x, Tensor gain)
    {
        Tensor wide = x.to(ScalarType.Float32);
        return (wide * rsqrt(wide.square().mean([-1], keepdim: true).add(HeldScalar.Of(Epsilon))) * gain).to(_compute);
    }

    private Tensor Attention(Tensor qkv)
    {
        long rows = qkv.shape[0], length = qkv.shape[1];
        int d = _config.HeadDim, heads = _config.Heads, pairs = _config.KvHeads;
        Tensor all = qkv.view(rows, length, heads + 2 * pairs, d).transpose(1, 2);
        Tensor turned = Rotated(all.narrow(1, 0, heads + pairs), length);
        Tensor q = turned.narrow(1, 0, heads);
        Tensor k = turned.narrow(1, heads, pairs).repeat_interleave(heads / pairs, 1);
        Tensor v = all.narrow(1, heads + pairs, pairs).repeat_interleave(heads / pairs, 1);
        return nn.functional.scaled_dot_product_attention(q, k, v, is_casual: true).transpose(1, 2).reshape(rows, length, heads * d);
    }

    /// <summary>Halves convention, as Hugging Face's llama.</summary>
    private Tensor Rotated(Tensor x, long length)
    {
        int half = _config.HeadDim / 2;
        Tensor turned = cat([x.narrow(-1, half, half).neg(), x.narrow(-1, 0, half)], -1);
        return Sum(x * _cos.narrow(2, 0, length), turned * _sin.narrow(2, 0, length));
    }

    /// <summary>a + b, its factor of one held.</summary>
    private static Tensor Sum(Tensor a, Tensor b) => a.add(b, HeldScalar.Of(1));

    // Gains of one; matrices normal with deviation 1/√(columns), those that write into the residual stream zero, so that it starts as the embedding.
    private static Tensor Start(string name, long[] shape, PretrainingSettings settings)
    {
        if (shape.Length == 1)
            return ones(shape).requires_grad_();
        float[] values = new float[shape[0] * shape[1]];
        if (!name.Contains("o_proj", StringComparison.Ordinal) && !name.Contains("down_proj", StringComparison.Ordinal))
            NormalValues.Fill(values, settings.Seed, name, name == TensorLayout.Embedding ? 0.02 : 1 / Math.Sqrt(shape[1]));
        return tensor(values, shape).requires_grad_();
    }

    public void Dispose()
    {
        foreach ((_, Tensor value) in Parameters)
            value.Dispose();
        _cos.Dispose();
        _sin.Dispose();
    }
}

using Seal.Kernels;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Tests.Engine;

/// <summary>
/// The same model once more, as a textbook writes it: one sequence, f64, whole matrices, torch's autograd for the gradients. It shares
/// nothing with the engine but the numbers of the weights.
/// </summary>
internal sealed class PlainTransformer : IDisposable
{
    private static readonly string[] Linears =
        ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];

    private readonly DisposeScope _scope = torch.NewDisposeScope();
    private readonly TinyWeights _model;
    private readonly Dictionary<string, Tensor> _weights;
    private readonly Dictionary<string, (Tensor A, Tensor B)> _factors = [];
    private readonly double _scale;

    public PlainTransformer(TinyWeights model, LoraAdapter adapter)
    {
        _model = model;
        _weights = model.Layout.ToDictionary(
            tensor => tensor.Name, tensor => torch.tensor(model.Values(tensor.Name, tensor.Shape)).to(torch.ScalarType.Float64).reshape(tensor.Shape));
        _scale = adapter.Settings.Alpha / adapter.Settings.Rank;
        // Layer by layer, target by target, A [r, in] then B [out, r].
        int offset = 0;
        for (int layer = 0; layer < model.Layers; layer++)
            foreach (LoraTarget target in adapter.Settings.Targets.Order())
            {
                string name = $"model.layers.{layer}.{Linears[(int)target]}";
                long[] shape = _weights[name + ".weight"].shape;
                _factors[name] = (Factor(adapter.Settings.Rank, shape[1]), Factor(shape[0], adapter.Settings.Rank));
            }

        Tensor Factor(long rows, long columns)
        {
            float[] values = adapter.Parameters.AsSpan(offset, (int)(rows * columns)).ToArray();
            offset += values.Length;
            return torch.tensor(values).to(torch.ScalarType.Float64).reshape(rows, columns).requires_grad_();
        }
    }

    /// <summary>−Σ weight·log-probability over the targets that <see cref="Plans.Scored"/> gives this sequence; a scalar.</summary>
    public Tensor Loss(int[] tokens) => WeightedLogProbabilities(tokens).sum().neg();

    /// <summary>Log-probabilities of the same targets.</summary>
    public double[] LogProbabilities(int[] tokens)
    {
        using IDisposable noGradients = torch.no_grad();
        double[] weighted = WeightedLogProbabilities(tokens).data<double>().ToArray();
        return [.. weighted.Select((value, row) => value / Plans.Weight(row))];
    }

    /// <summary>What backward passes of losses have summed up, in the adapter's own layout.</summary>
    public double[] Gradient() =>
        [.. _factors.Values.SelectMany(pair => (Tensor[])[pair.A, pair.B]).SelectMany(factor => factor.grad!.reshape(-1).data<double>().ToArray())];

    /// <summary>Adds to a parameter of the adapter.</summary>
    public void Shift(int index, double amount)
    {
        using IDisposable noGradients = torch.no_grad();
        foreach (Tensor factor in _factors.Values.SelectMany(pair => (Tensor[])[pair.A, pair.B]))
        {
            if (index < factor.numel())
            {
                factor.view(-1)[index] += amount;
                return;
            }
            index -= (int)factor.numel();
        }
        throw new ArgumentOutOfRangeException(nameof(index));
    }

    public void Dispose() => _scope.Dispose();

    private Tensor WeightedLogProbabilities(int[] tokens)
    {
        Tensor x = _weights["model.embed_tokens.weight"].index_select(0, torch.tensor(tokens));
        for (int layer = 0; layer < _model.Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            x = Sum(x, Attention(prefix, Norm(x, prefix + "input_layernorm.weight")));
            x = Sum(x, FeedForward(prefix, Norm(x, prefix + "post_attention_layernorm.weight")));
        }
        Tensor head = _weights[_model.Tied ? "model.embed_tokens.weight" : "lm_head.weight"];
        Tensor logProbabilities = torch.nn.functional.log_softmax(Norm(x, "model.norm.weight").matmul(head.t()), 1);
        long[] targets = [.. tokens.Select((_, row) => (long)Plans.Target(tokens, row))];
        double[] weights = [.. tokens.Select((_, row) => (double)Plans.Weight(row))];
        return logProbabilities.gather(1, torch.tensor(targets).unsqueeze(1)).squeeze(1) * torch.tensor(weights);
    }

    private Tensor Attention(string prefix, Tensor x)
    {
        int length = (int)x.shape[0], d = _model.HeadDim;
        Tensor q = Rotated(HeadNorm(Linear(x, prefix + "self_attn.q_proj").reshape(length, _model.Heads, d), prefix + "self_attn.q_norm.weight"));
        Tensor k = Rotated(HeadNorm(Linear(x, prefix + "self_attn.k_proj").reshape(length, _model.KvHeads, d), prefix + "self_attn.k_norm.weight"));
        Tensor v = Linear(x, prefix + "self_attn.v_proj").reshape(length, _model.KvHeads, d);
        Tensor mask = torch.full([length, length], double.NegativeInfinity, torch.ScalarType.Float64).triu(1);
        var heads = new List<Tensor>();
        for (int head = 0; head < _model.Heads; head++)
        {
            int shared = head / (_model.Heads / _model.KvHeads);
            Tensor scores = Sum(q.select(1, head).matmul(k.select(1, shared).t()).div(HeldScalar.Of(Math.Sqrt(d))), mask);
            heads.Add(torch.nn.functional.softmax(scores, 1).matmul(v.select(1, shared)));
        }
        return Linear(torch.cat(heads, 1), prefix + "self_attn.o_proj");
    }

    private Tensor FeedForward(string prefix, Tensor x)
    {
        Tensor gate = Linear(x, prefix + "mlp.gate_proj");
        return Linear(gate * gate.sigmoid() * Linear(x, prefix + "mlp.up_proj"), prefix + "mlp.down_proj");
    }

    private Tensor Linear(Tensor x, string name)
    {
        Tensor y = x.matmul(_weights[name + ".weight"].t());
        if (_weights.TryGetValue(name + ".bias", out Tensor? bias))
            y = Sum(y, bias);
        return _factors.TryGetValue(name, out (Tensor A, Tensor B) pair) ? Sum(y, x.matmul(pair.A.t()).matmul(pair.B.t()).mul(HeldScalar.Of(_scale))) : y;
    }

    private Tensor Norm(Tensor x, string gain) =>
        x * (x * x).mean([-1], keepdim: true).add(HeldScalar.Of(TinyWeights.Epsilon)).rsqrt() * _weights[gain];

    private Tensor HeadNorm(Tensor x, string gain) => _weights.ContainsKey(gain) ? Norm(x, gain) : x;

    /// <summary>Element j turns with j + d/2 by position·θ^(−2j/d). Angles, cosines and sines are f32, as the files of the field are trained with.</summary>
    private Tensor Rotated(Tensor x)
    {
        int length = (int)x.shape[0], half = _model.HeadDim / 2;
        double[] cosines = new double[length * half], sines = new double[length * half];
        for (int position = 0; position < length; position++)
            for (int j = 0; j < half; j++)
            {
                float angle = position * (1f / (float)Math.Pow(TinyWeights.RopeTheta, 2f * j / _model.HeadDim));
                cosines[position * half + j] = (float)Math.Cos(angle);
                sines[position * half + j] = (float)Math.Sin(angle);
            }
        Tensor cos = torch.tensor(cosines).reshape(length, 1, half), sin = torch.tensor(sines).reshape(length, 1, half);
        Tensor left = x.narrow(2, 0, half), right = x.narrow(2, half, half);
        return torch.cat([left * cos - right * sin, Sum(right * cos, left * sin)], 2);
    }

    private static Tensor Sum(Tensor a, Tensor b) => a.add(b, HeldScalar.Of(1));
}

using System.Security.Cryptography;
using System.Text;
using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models;

/// <summary>The frozen weights of one layer, ready for the operators.</summary>
public sealed record LayerWeights(
    DeviceBuffer InputGain, LinearGroup Qkv, DeviceBuffer QueryGain, DeviceBuffer KeyGain, LinearGroup Output,
    DeviceBuffer PostGain, LinearGroup GateUp, LinearGroup Down);

/// <summary>
/// A frozen model, prepared once and shared by training, scoring and decoding. A policy is a base model with LoRA adapters merged in:
/// W + Σ s·B·A, summed in f32 and rounded once.
/// </summary>
public sealed class TransformerWeights : IDisposable
{
    private readonly Operators _operators;
    private readonly List<IDisposable> _owned = [];

    private TransformerWeights(
        Operators operators, ModelConfig config, string digest, float[]? ropeFactors, TensorValues tensor, IReadOnlyList<LoraAdapter> merged)
    {
        _operators = operators;
        Config = config;
        Digest = digest;
        Embedding = Matrix(tensor, "model.embed_tokens.weight", Config.Vocabulary, Config.Hidden, _ => { });
        Head = Config.TiedEmbedding ? Embedding : Matrix(tensor, "lm_head.weight", Config.Vocabulary, Config.Hidden, _ => { });
        FinalGain = Vector(tensor, "model.norm.weight", Config.Hidden);
        IReadOnlyList<LinearShape> shapes = LoraTargets.Shapes(Config);
        Layers = [.. Enumerable.Range(0, Config.Layers).Select(layer => Layer(tensor, layer, shapes, merged))];
        Rope = new RopeTable(operators, Config, ropeFactors);
        _owned.Add(Rope);
    }

    /// <summary>The values of a tensor by its Hugging Face name, <c>[rows, columns]</c>.</summary>
    private delegate float[] TensorValues(string name, int rows, int columns);

    public ModelConfig Config { get; }

    /// <summary>SHA-256 over the base file's digest and those of the merged adapters: what candidates' ids depend on.</summary>
    public string Digest { get; }

    public PackedWeight Embedding { get; }

    public PackedWeight Head { get; }

    public DeviceBuffer FinalGain { get; }

    public IReadOnlyList<LayerWeights> Layers { get; }

    public RopeTable Rope { get; }

    /// <summary>Reads and prepares a model, with these adapters merged into it in order.</summary>
    /// <exception cref="SealException">A tensor is missing or misshapen, or an adapter does not fit.</exception>
    public static TransformerWeights Load(Operators operators, ModelFile file, params IReadOnlyList<LoraAdapter> merged)
    {
        foreach (LoraAdapter adapter in merged)
            adapter.RequireFits(file.Config);
        return new(operators, file.Config, DigestOf(file, merged), file.RopeFrequencyFactors, (name, _, _) => Values(file, name), merged);
    }

    /// <summary>A model that was never trained, for measuring without a file: matrices uniform with rows of unit norm, gains 1, biases 0.</summary>
    public static TransformerWeights Random(Operators operators, ModelConfig config, ulong seed) =>
        new(operators, config, $"random {seed}", null, (name, rows, columns) => RandomValues(name, rows, columns, seed), []);

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private static string DigestOf(ModelFile file, IReadOnlyList<LoraAdapter> merged)
    {
        if (merged.Count == 0)
            return file.Digest;
        string parts = string.Join('\n', merged.Select(adapter => adapter.Digest).Prepend(file.Digest));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)));
    }

    private LayerWeights Layer(TensorValues tensor, int layer, IReadOnlyList<LinearShape> shapes, IReadOnlyList<LoraAdapter> merged)
    {
        string prefix = $"model.layers.{layer}.";
        LinearMember Member(LoraTarget target)
        {
            LinearShape shape = shapes[(int)target];
            string name = prefix + target.ModulePath();
            PackedWeight weight = Matrix(tensor, name + ".weight", shape.Outputs, shape.Inputs, values =>
            {
                foreach (LoraAdapter adapter in merged)
                    adapter.AddTo(values, layer, target);
            });
            bool biased = Config.QkvBias && target <= LoraTarget.VProj;
            return new LinearMember(weight, biased ? Vector(tensor, name + ".bias", shape.Outputs) : DeviceBuffer.None, (int)target);
        }
        LinearGroup Group(params LoraTarget[] targets) => new(layer, [.. targets.Select(Member)]);
        DeviceBuffer HeadGain(string name) => Config.QkNorm ? Vector(tensor, prefix + name, Config.HeadDim) : DeviceBuffer.None;
        return new LayerWeights(
            Vector(tensor, prefix + "input_layernorm.weight", Config.Hidden),
            Group(LoraTarget.QProj, LoraTarget.KProj, LoraTarget.VProj),
            HeadGain("self_attn.q_norm.weight"),
            HeadGain("self_attn.k_norm.weight"),
            Group(LoraTarget.OProj),
            Vector(tensor, prefix + "post_attention_layernorm.weight", Config.Hidden),
            Group(LoraTarget.GateProj, LoraTarget.UpProj),
            Group(LoraTarget.DownProj));
    }

    private PackedWeight Matrix(TensorValues tensor, string name, int rows, int columns, Action<float[]> merge)
    {
        float[] values = tensor(name, rows, columns);
        merge(values);
        PackedWeight weight = _operators.Prepare(values, rows, columns);
        _owned.Add(weight);
        return weight;
    }

    private DeviceBuffer Vector(TensorValues tensor, string name, int length)
    {
        DeviceMemory memory = _operators.Allocate((long)length * _operators.Wide.Size());
        _owned.Add(memory);
        var buffer = new DeviceBuffer(memory.Pointer, _operators.Wide, 1, length, _operators.Device);
        _operators.Write(tensor(name, 1, length), buffer);
        return buffer;
    }

    private static float[] Values(ModelFile file, string name)
    {
        StoredTensor tensor = file.Tensor(name); // of the configured shape: opening the file made sure
        float[] values = new float[tensor.Count];
        tensor.ReadFloat32(values);
        return values;
    }

    internal static float[] RandomValues(string name, int rows, int columns, ulong seed)
    {
        float[] values = new float[rows * columns];
        if (rows == 1)
        {
            Array.Fill(values, name.EndsWith(".bias", StringComparison.Ordinal) ? 0 : 1);
            return values;
        }
        ulong key = CounterRandom.Derive(seed, name);
        double bound = Math.Sqrt(3.0 / columns); // variance 1/columns
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((2 * CounterRandom.Uniform(key, (ulong)i) - 1) * bound);
        return values;
    }
}

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

    private TransformerWeights(Operators operators, ModelFile file, IReadOnlyList<LoraAdapter> merged)
    {
        _operators = operators;
        Config = file.Config;
        Digest = DigestOf(file, merged);
        Embedding = Matrix(file, "model.embed_tokens.weight", Config.Vocabulary, Config.Hidden, _ => { });
        Head = Config.TiedEmbedding ? Embedding : Matrix(file, "lm_head.weight", Config.Vocabulary, Config.Hidden, _ => { });
        FinalGain = Vector(file, "model.norm.weight", Config.Hidden);
        IReadOnlyList<LinearShape> shapes = LoraTargets.Shapes(Config);
        Layers = [.. Enumerable.Range(0, Config.Layers).Select(layer => Layer(file, layer, shapes, merged))];
        Rope = new RopeTable(operators, Config, file.RopeFrequencyFactors);
        _owned.Add(Rope);
    }

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
    public static TransformerWeights Load(Operators operators, ModelFile file, params IReadOnlyList<LoraAdapter> merged) =>
        new(operators, file, merged);

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private static string DigestOf(ModelFile file, IReadOnlyList<LoraAdapter> merged)
    {
        if (merged.Count == 0)
            return file.Digest;
        string parts = string.Join('\n', merged.Select(adapter => adapter.Digest).Prepend(file.Digest));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)));
    }

    private LayerWeights Layer(ModelFile file, int layer, IReadOnlyList<LinearShape> shapes, IReadOnlyList<LoraAdapter> merged)
    {
        string prefix = $"model.layers.{layer}.";
        LinearMember Member(LoraTarget target)
        {
            LinearShape shape = shapes[(int)target];
            string name = prefix + target.ModulePath();
            PackedWeight weight = Matrix(file, name + ".weight", shape.Outputs, shape.Inputs, values =>
            {
                foreach (LoraAdapter adapter in merged)
                    adapter.AddTo(values, layer, target);
            });
            bool biased = Config.QkvBias && target <= LoraTarget.VProj;
            return new LinearMember(weight, biased ? Vector(file, name + ".bias", shape.Outputs) : DeviceBuffer.None, (int)target);
        }
        LinearGroup Group(params LoraTarget[] targets) => new(layer, [.. targets.Select(Member)]);
        DeviceBuffer HeadGain(string name) => Config.QkNorm ? Vector(file, prefix + name, Config.HeadDim) : DeviceBuffer.None;
        return new LayerWeights(
            Vector(file, prefix + "input_layernorm.weight", Config.Hidden),
            Group(LoraTarget.QProj, LoraTarget.KProj, LoraTarget.VProj),
            HeadGain("self_attn.q_norm.weight"),
            HeadGain("self_attn.k_norm.weight"),
            Group(LoraTarget.OProj),
            Vector(file, prefix + "post_attention_layernorm.weight", Config.Hidden),
            Group(LoraTarget.GateProj, LoraTarget.UpProj),
            Group(LoraTarget.DownProj));
    }

    private PackedWeight Matrix(ModelFile file, string name, int rows, int columns, Action<float[]> merge)
    {
        float[] values = Values(file, name);
        merge(values);
        PackedWeight weight = _operators.Prepare(values, rows, columns);
        _owned.Add(weight);
        return weight;
    }

    private DeviceBuffer Vector(ModelFile file, string name, int length)
    {
        DeviceMemory memory = _operators.Allocate((long)length * _operators.Wide.Size());
        _owned.Add(memory);
        var buffer = new DeviceBuffer(memory.Pointer, _operators.Wide, 1, length, _operators.Device);
        _operators.Write(Values(file, name), buffer);
        return buffer;
    }

    private static float[] Values(ModelFile file, string name)
    {
        StoredTensor tensor = file.Tensor(name); // of the configured shape: opening the file made sure
        float[] values = new float[tensor.Count];
        tensor.ReadFloat32(values);
        return values;
    }
}

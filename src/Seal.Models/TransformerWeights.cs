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
    private readonly StoredBlocks _blocks;
    private readonly List<IDisposable> _owned = [];

    // Each matrix in turn, in f32. An embedding is hundreds of megabytes: on the managed heap they would stay with the process.
    private readonly HostMemory _reading;

    private TransformerWeights(
        Operators operators, ModelConfig config, string digest, float[]? ropeFactors, TensorValues tensor, StoredBlocks blocks, IReadOnlyList<LoraAdapter> merged)
    {
        _operators = operators;
        _blocks = blocks;
        Config = config;
        Digest = digest;
        _reading = new HostMemory(sizeof(float) * Math.Max(
            (long)Config.Vocabulary * Config.Hidden, LoraTargets.Shapes(Config).Max(shape => (long)shape.Inputs * shape.Outputs)));
        Embedding = Matrix(tensor, "model.embed_tokens.weight", Config.Vocabulary, Config.Hidden);
        Head = Config.TiedEmbedding ? Embedding : Matrix(tensor, "lm_head.weight", Config.Vocabulary, Config.Hidden);
        FinalGain = Vector(tensor, "model.norm.weight", Config.Hidden);
        IReadOnlyList<LinearShape> shapes = LoraTargets.Shapes(Config);
        Layers = [.. Enumerable.Range(0, Config.Layers).Select(layer => Layer(tensor, layer, shapes, merged))];
        Rope = new RopeTable(operators, Config, ropeFactors);
        _owned.Add(Rope);
        _reading.Dispose();
    }

    /// <summary>Writes the values of a tensor by its Hugging Face name, <c>[rows, columns]</c>.</summary>
    private delegate void TensorValues(string name, int rows, int columns, Span<float> values);

    private delegate void Merge(Span<float> values);

    /// <summary>The tensor of that name where it is stored in blocks that <see cref="Operators.Prepare(QuantizedMatrix)"/> takes, else null.</summary>
    private delegate StoredTensor? StoredBlocks(string name);

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
        return new(
            operators, file.Config, DigestOf(file, merged), file.RopeFrequencyFactors, (name, _, _, values) => file.Tensor(name).ReadFloat32(values),
            name => InBlocks(file, name), merged);
    }

    /// <summary>A model that was never trained, for measuring without a file: matrices uniform with rows of unit norm, gains 1, biases 0.</summary>
    public static TransformerWeights Random(Operators operators, ModelConfig config, ulong seed) =>
        new(operators, config, $"random {seed}", null, (name, rows, columns, values) => RandomValues(name, rows, columns, seed, values), _ => null, []);

    /// <summary>Bytes that a step of generation reads of the matrices, and how many weights it multiplies each row with.</summary>
    public (long Bytes, long Weights) PerStep()
    {
        long bytes = Head.BytesPerStep, weights = (long)Head.Rows * Head.Columns;
        foreach (LinearMember member in Layers.SelectMany(layer => new[] { layer.Qkv, layer.Output, layer.GateUp, layer.Down }).SelectMany(group => group.Members))
        {
            bytes += member.Weight.BytesPerStep;
            weights += (long)member.Weight.Rows * member.Weight.Columns;
        }
        return (bytes, weights);
    }

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
            // What is merged into a matrix is lost in its blocks: a policy's are those of the base no more.
            PackedWeight weight = Matrix(tensor, name + ".weight", shape.Outputs, shape.Inputs, merged.Count == 0 ? null : values =>
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

    private PackedWeight Matrix(TensorValues tensor, string name, int rows, int columns, Merge? merge = null)
    {
        PackedWeight weight = merge is null && _blocks(name) is { } stored ? FromBlocks(stored, rows, columns) : FromValues();
        _owned.Add(weight);
        return weight;

        PackedWeight FromValues()
        {
            Span<float> values = new DeviceBuffer(_reading.Pointer, DType.F32, rows, columns, Device.Host).AsSpan<float>();
            tensor(name, rows, columns, values);
            merge?.Invoke(values);
            return _operators.Prepare(values, rows, columns);
        }
    }

    private PackedWeight FromBlocks(StoredTensor stored, int rows, int columns)
    {
        byte[] blocks = new byte[stored.Type.ByteCount(stored.Count)];
        stored.ReadStored(blocks);
        return _operators.Prepare(new QuantizedMatrix(stored.Type.Blocks()!.Value, blocks, rows, columns));
    }

    private static StoredTensor? InBlocks(ModelFile file, string name)
    {
        StoredTensor tensor = file.Tensor(name);
        return tensor.Type.Blocks() is null ? null : tensor;
    }

    private DeviceBuffer Vector(TensorValues tensor, string name, int length)
    {
        DeviceMemory memory = _operators.Allocate((long)length * _operators.Wide.Size());
        _owned.Add(memory);
        var buffer = new DeviceBuffer(memory.Pointer, _operators.Wide, 1, length, _operators.Device);
        float[] values = new float[length];
        tensor(name, 1, length, values);
        _operators.Write(values, buffer);
        return buffer;
    }

    internal static void RandomValues(string name, int rows, int columns, ulong seed, Span<float> values)
    {
        if (rows == 1)
        {
            values.Fill(name.EndsWith(".bias", StringComparison.Ordinal) ? 0 : 1);
            return;
        }
        ulong key = CounterRandom.Derive(seed, name);
        double bound = Math.Sqrt(3.0 / columns); // variance 1/columns
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((2 * CounterRandom.Uniform(key, (ulong)i) - 1) * bound);
    }
}

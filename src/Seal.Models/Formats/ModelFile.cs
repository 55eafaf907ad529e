using System.Security.Cryptography;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// A model on disk, whatever its format: its configuration, its tensors by Hugging Face's names and in Hugging Face's row order
/// ("model.layers.0.self_attn.q_proj.weight"), and what its tokenizer and chat template need. All tensors are there and of the
/// configured shapes, or opening fails.
/// </summary>
public abstract class ModelFile : IDisposable
{
    private readonly Lazy<string> digest;
    private Dictionary<string, StoredTensor> tensors = [];

    private protected ModelFile(string path)
    {
        Path = path;
        digest = new Lazy<string>(ComputeDigest);
    }

    public string Path { get; }

    public ModelConfig Config { get; private set; } = null!;

    /// <summary>The Jinja text, where the model brings one.</summary>
    public string? ChatTemplate { get; private protected set; }

    /// <summary>JSON of the settings that learning should start from, where the model brings them.</summary>
    public string? Settings { get; private protected set; }

    /// <exception cref="SealException">The model brings no tokenizer.</exception>
    public abstract TokenizerSource Tokenizer { get; }

    /// <summary>
    /// Divisors of the rotary frequencies, HeadDim/2 of them (a GGUF's rope_freqs.weight, where Llama 3's scaling is stored
    /// ready); null where the configuration says all.
    /// </summary>
    public float[]? RopeFrequencyFactors { get; private protected set; }

    /// <summary>SHA-256 over the content of the weight files, shards in the order of their names; lower-case hex. Reads them whole, once.</summary>
    public string Digest => digest.Value;

    /// <summary>Opens a Hugging Face folder or a GGUF file.</summary>
    /// <exception cref="SealException">It is neither, or is not a model that can be computed exactly.</exception>
    public static ModelFile Open(string path)
    {
        if (Directory.Exists(path)) return HuggingFaceFolder.Open(path);
        if (!File.Exists(path)) throw new SealException($"{path}: no such file or folder; expected a folder with config.json and model.safetensors, or a .gguf file");
        if (path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) return GgufModel.Open(path);
        throw new SealException($"{path}: not a model; expected a folder with config.json and model.safetensors, or a .gguf file");
    }

    public bool Contains(string name) => tensors.ContainsKey(name);

    /// <exception cref="SealException">This model has none of that name (a tied head, a bias of a family without).</exception>
    public StoredTensor Tensor(string name) =>
        tensors.GetValueOrDefault(name) ?? throw new SealException($"{Path}: this {Config.Family} model has no tensor '{name}'");

    public abstract void Dispose();

    private protected void Fill(ModelConfig config, IReadOnlyDictionary<string, StoredTensor> found)
    {
        Config = config;
        tensors = TensorLayout.Select(config, found, Path);
    }

    /// <summary>Feeds the weight files to the digest.</summary>
    private protected abstract void AppendWeights(IncrementalHash hash);

    private string ComputeDigest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendWeights(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

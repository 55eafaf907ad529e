using System.Security.Cryptography;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// A model in one GGUF file, of the llama, qwen2 or qwen3 architecture. Its tensors are given Hugging Face's names and row order:
/// llama's q and k, which such files hold for rotations of neighbouring rows, come back in halves.
/// </summary>
public sealed class GgufModel : ModelFile
{
    /// <summary>Metadata key of <see cref="ModelFile.Settings"/>.</summary>
    public const string SettingsKey = "seal.settings";

    private readonly GgufFile file;
    private readonly GgufVocabulary? vocabulary;

    private GgufModel(GgufFile file) : base(file.Path)
    {
        this.file = file;
        ModelConfig config = GgufConfig.Read(file);
        vocabulary = ReadVocabulary(file, config);
        ChatTemplate = file.Metadata.Text("tokenizer.chat_template");
        Settings = file.Metadata.Text(SettingsKey);
        RopeFrequencyFactors = ReadRopeFactors(file, config);
        Fill(config, Renamed(file, config));
    }

    public override TokenizerSource Tokenizer => vocabulary ?? throw new SealException($"{Path}: 'tokenizer.ggml.model' is missing: the file brings no tokenizer");

    /// <exception cref="SealException">The file is out of the format, or the model is not one that can be computed exactly.</exception>
    public static new GgufModel Open(string path)
    {
        GgufFile file = GgufFile.Open(path);
        try
        {
            return new GgufModel(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void Dispose() => file.Dispose();

    private protected override void AppendWeights(IncrementalHash hash) => file.AppendTo(hash);

    private static Dictionary<string, StoredTensor> Renamed(GgufFile file, ModelConfig config)
    {
        Dictionary<string, StoredTensor> tensors = [];
        foreach (string stored in file.TensorNames)
        {
            if (stored == GgufNames.RopeFactors) continue;
            string name = GgufNames.ToHuggingFace(stored) ?? throw new SealException($"{file.Path}: tensor '{stored}' is no part of a {config.Family} model; ignoring it would compute something else");
            StoredTensor tensor = file.Tensor(stored).Named(name);
            bool paired = config.Family == ModelFamily.Llama && GgufNames.HasPairedRows(name);
            if (!tensors.TryAdd(name, paired ? tensor.WithHeadsInHalves(config.HeadDim) : tensor)) throw new SealException($"{file.Path}: tensor '{stored}' is there twice");
        }
        return tensors;
    }

    private static float[]? ReadRopeFactors(GgufFile file, ModelConfig config)
    {
        if (!file.TensorNames.Contains(GgufNames.RopeFactors)) return null;
        StoredTensor tensor = file.Tensor(GgufNames.RopeFactors);
        if (tensor.Count != config.HeadDim / 2) throw new SealException($"{file.Path}: tensor '{tensor.Name}' has {tensor.Count} elements, expected half the head size, {config.HeadDim / 2}");
        float[] factors = new float[tensor.Count];
        tensor.ReadFloat32(factors);
        if (!factors.All(factor => factor > 0 && float.IsFinite(factor))) throw new SealException($"{file.Path}: tensor '{tensor.Name}' has factors that are not positive numbers");
        return factors;
    }

    private static GgufVocabulary? ReadVocabulary(GgufFile file, ModelConfig config)
    {
        const string tokensKey = "tokenizer.ggml.tokens", typesKey = "tokenizer.ggml.token_type";
        GgufMetadata metadata = file.Metadata;
        if (metadata.Text("tokenizer.ggml.model") is not { } model) return null;
        string pre = metadata.Text("tokenizer.ggml.pre") ?? "default";
        string[] tokens = metadata.RequiredTexts(tokensKey);
        if (tokens.Length > config.Vocabulary) throw metadata.Error(tokensKey, $"has {tokens.Length} tokens, more than the embedding's {config.Vocabulary} rows");
        int[] types = metadata.Integers(typesKey) ?? [.. Enumerable.Repeat(1, tokens.Length)];
        if (types.Length != tokens.Length) throw metadata.Error(typesKey, $"has {types.Length} entries for {tokens.Length} tokens");
        int? eos = config.EosTokenIds.Length > 0 ? config.EosTokenIds[0] : null;
        // Where the file does not say, llama.cpp begins texts with BOS for Llama 3's vocabulary alone among the byte-level ones.
        bool addBos = metadata.Flag("tokenizer.ggml.add_bos_token") ?? pre is "llama-bpe" or "llama3" or "llama-v3";
        return new GgufVocabulary(model, pre, tokens, types, metadata.Texts("tokenizer.ggml.merges") ?? [], config.BosTokenId, eos, addBos) { Path = file.Path };
    }
}

using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Models.Text;

namespace Seal.Models;

/// <summary>A model file together with what reads and writes its text: the thing that a command line names by one path.</summary>
public sealed class LanguageModel : IDisposable
{
    private readonly ModelFile _file;
    private readonly Lazy<Tokenizer> _tokenizer;

    private LanguageModel(ModelFile file, Operators operators, IReadOnlyList<LoraAdapter> policy)
    {
        _file = file;
        Policy = policy;
        _tokenizer = new Lazy<Tokenizer>(() => Tokenizer.From(file.Tokenizer));
        ChatTemplate = file.ChatTemplate is { } template ? ChatTemplate.Parse(template, file.Path) : null;
        Operators = operators;
        Weights = TransformerWeights.Load(operators, file, policy);
        Transformer = new Transformer(operators, Weights);
    }

    public Operators Operators { get; }

    public ModelConfig Config => _file.Config;

    /// <exception cref="SealException">The model's files hold no tokenizer.</exception>
    public Tokenizer Tokenizer => _tokenizer.Value;

    /// <summary>The model's own chat template; null for a base model without one.</summary>
    public ChatTemplate? ChatTemplate { get; }

    public TransformerWeights Weights { get; }

    public Transformer Transformer { get; }

    /// <summary>The adapters merged into the weights, in order.</summary>
    public IReadOnlyList<LoraAdapter> Policy { get; }

    /// <summary>Opens a Hugging Face folder or a GGUF file and prepares it for a backend, with a policy's adapters merged in.</summary>
    /// <exception cref="SealException">The files cannot be used.</exception>
    public static LanguageModel Open(string path, Operators operators, params IReadOnlyList<LoraAdapter> policy)
    {
        ModelFile file = ModelFile.Open(path);
        try
        {
            return new LanguageModel(file, operators, policy);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The same model with other adapters merged in: the next policy. The operators are shared, this one stays usable.</summary>
    public LanguageModel WithPolicy(params IReadOnlyList<LoraAdapter> policy) => Open(_file.Path, Operators, policy);

    /// <summary>Renders a conversation with an open assistant turn.</summary>
    public string Chat(ChatTemplate template, IEnumerable<ChatMessage> messages) =>
        template.Render(messages, addGenerationPrompt: true, Text(Config.BosTokenId), Text(Config.EosTokenIds is [int end, ..] ? end : null));

    private string? Text(int? token) => token is { } id ? Tokenizer.Decode([id]) : null;

    public void Dispose()
    {
        Transformer.Dispose();
        Weights.Dispose();
        _file.Dispose();
    }
}

using Seal.Models.Text.Jinja;

namespace Seal.Models.Text;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">"system", "user" or "assistant", or whatever the template knows.</param>
public sealed record ChatMessage(string Role, string Content);

/// <summary>
/// A model's chat template (<c>chat_template</c> in tokenizer_config.json, <c>tokenizer.chat_template</c> in a GGUF): a Jinja
/// template, rendered byte for byte as Hugging Face does, in a sandbox that cannot change its inputs, hang or run away.
/// </summary>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<Statement> _statements;
    private readonly string _name;

    private ChatTemplate(IReadOnlyList<Statement> statements, string name)
    {
        _statements = statements;
        _name = name;
    }

    /// <param name="source">The template's text.</param>
    /// <param name="nameForErrors">Where it stands, for messages.</param>
    /// <exception cref="Kernels.SealException">It is no Jinja template, or uses a tag that is not supported.</exception>
    public static ChatTemplate Parse(string source, string nameForErrors) => new(JinjaParser.Parse(source, nameForErrors), nameForErrors);

    /// <param name="variables">Strings, numbers, booleans, nulls, lists, dictionaries with string keys, <see cref="ChatMessage"/>s or JSON elements.</param>
    /// <param name="now">What <c>strftime_now</c> tells; the local time when null.</param>
    /// <exception cref="Kernels.SealException">
    /// The template raises an exception (whose text then ends the message), goes wrong, or does more than a template should.
    /// </exception>
    public string Render(IReadOnlyDictionary<string, object?> variables, DateTimeOffset? now = null) =>
        JinjaInterpreter.Render(_statements, _name, variables, now ?? DateTimeOffset.Now);

    /// <summary>A conversation, as Hugging Face's <c>apply_chat_template</c> renders it without tools or documents.</summary>
    /// <param name="addGenerationPrompt">End with the words that make the model answer.</param>
    /// <inheritdoc cref="Render(IReadOnlyDictionary{string, object?}, DateTimeOffset?)" path="/exception"/>
    public string Render(IEnumerable<ChatMessage> messages, bool addGenerationPrompt, string? bos, string? eos)
    {
        Dictionary<string, object?> variables = new()
        {
            ["messages"] = messages.ToArray(),
            ["tools"] = null,
            ["documents"] = null,
            ["add_generation_prompt"] = addGenerationPrompt,
        };
        // A tokenizer without such a token leaves the name undefined.
        if (bos is not null)
            variables["bos_token"] = bos;
        if (eos is not null)
            variables["eos_token"] = eos;
        return Render(variables);
    }
}

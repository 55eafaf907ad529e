using Seal.Kernels;

namespace Seal.Learning.Knowledge;

/// <summary>
/// Asks a model to write its own training material about a passage. The base form continues a text and is the published one, byte for byte;
/// the chat form says the same to an instruction-tuned model.
/// </summary>
public sealed record SelfEditPrompt
{
    private SelfEditPrompt(string key, string instruction, string leadIn, string task)
    {
        Key = key;
        _instruction = instruction.Length == 0 ? "" : instruction + "\n\n";
        _leadIn = leadIn;
        System = $"You are an assistant tasked with analyzing the provided passage and {task}. ";
    }

    private readonly string _instruction;
    private readonly string _leadIn;

    /// <summary>All prompts, the published default first.</summary>
    public static IReadOnlyList<SelfEditPrompt> All { get; } =
    [
        Implications("implications", "a list"),
        Implications("implications-long", "a long list"),
        Implications("implications-very-long", "a very long list"),
        new("rewrite",
            "Let's read the following passage and rewrite it in a few different ways, each one separated by a newline.",
            "Rewritten passages:\n",
            "rewriting it in a few different ways, each one separated by a newline"),
        new("self-qa",
            "Let's read the following passage and rewrite it in a question-answer format.",
            "Question 1: ",
            "rewriting it in a question-answer format"),
        new("none", "", "", "continuing it"),
    ];

    /// <summary>The name by which settings choose the prompt.</summary>
    public string Key { get; }

    /// <summary>System turn of the chat form. That of <c>implications</c> is published, trailing space included; the others are ours in its words.</summary>
    public string System { get; }

    /// <summary>The prompt of that name.</summary>
    /// <exception cref="SealException">There is none; the message lists those there are.</exception>
    public static SelfEditPrompt Named(string key) =>
        All.FirstOrDefault(p => p.Key == key)
        ?? throw new SealException($"There is no self-edit prompt '{key}'; expected one of {string.Join(", ", All.Select(p => p.Key))}.");

    /// <summary>The base form: instruction, passage, lead-in.</summary>
    public string Base(Passage passage) => $"{_instruction}Passage:\n{User(passage)}\n\n{_leadIn}";

    /// <summary>User turn of the chat form.</summary>
    public string User(Passage passage) => $"{passage.Title}\n{passage.Context}";

    /// <summary>The chat form rendered as ChatML with an open assistant turn, as published; other templates are rendered from <see cref="System"/> and <see cref="User"/>.</summary>
    public string ChatMl(Passage passage) => Knowledge.ChatMl.Render(System, User(passage));

    private static SelfEditPrompt Implications(string key, string list) =>
        new(key,
            $"Let's read the following passage and produce {list} of implications derived directly or indirectly from the content.",
            "Implications:\n",
            $"producing {list} of implications derived directly or indirectly from the content");
}

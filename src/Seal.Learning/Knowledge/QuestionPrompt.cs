using System.Text.RegularExpressions;

namespace Seal.Learning.Knowledge;

/// <summary>Asks a question without showing the passage, as published, and takes the answer out of what the model wrote.</summary>
public static partial class QuestionPrompt
{
    /// <summary>System turn of the chat form.</summary>
    public const string System = "You are an assistant to answer a question directly and concisely.";

    /// <summary>The question as it is asked and as the judge sees it; also the user turn of the chat form.</summary>
    public static string Topic(string title, string question) => $"Topic: {title}\n{question}";

    /// <summary>The base form; <paramref name="question"/> already names its topic.</summary>
    public static string Base(string question) => $"Let's answer a question directly and concisely.\nQuestion: {question}\nAnswer:\n";

    /// <summary>The base form with the passage in view.</summary>
    public static string BaseWithPassage(string title, string context, string question) => $"{title}\n{context}\n\n{Base(question)}";

    /// <summary>The chat form rendered as ChatML with an open assistant turn.</summary>
    public static string ChatMl(string question) => Knowledge.ChatMl.Render(System, question);

    /// <summary>
    /// The answer alone. A base model runs on until its tokens are spent: what follows a blank line, or a line where it asks itself
    /// the next question, is not the answer. Published runs grade the whole text, so a run-on can be right by accident there.
    /// </summary>
    public static string CutAnswer(string generated)
    {
        string text = generated.ReplaceLineEndings("\n").Trim();
        Match end = NextThing().Match(text);
        return end.Success ? text[..end.Index].Trim() : text;
    }

    [GeneratedRegex(@"\n\s*\n|\n\s*(?=Question\b[^\n]*:|Topic:|Answer\b[^\n]{0,4}:|Let's answer\b)", RegexOptions.IgnoreCase)]
    private static partial Regex NextThing();
}

using System.Text.RegularExpressions;

namespace Seal.Learning.Knowledge;

/// <summary>The published question to a grading model, byte for byte, and the reading of its reply.</summary>
public static partial class JudgePrompt
{
    private const string Task =
        "You are a grading assistant. Your job is to determine whether a student's answer correctly answers the question based solely on the provided gold answer. "
        + "Do not use any outside knowledge. The student answer can include additional information, but it must at least fully convey the gold answer and must not contradict it. "
        + "Ignore style, phrasing, or extra details that do not affect correctness. Respond ONLY with 'yes' or 'no'.";

    /// <summary>The one user message.</summary>
    public static string Render(GivenAnswer answer) =>
        $"{Task}\n\nQuestion: {answer.Question}\nGold answer: {answer.Gold}\nStudent answer: {answer.Text.Trim()}\n"
        + "Is the student answer correct based solely on the gold answer? Respond 'yes' or 'no'.";

    /// <summary>True when the reply has the whole word "yes" and not the whole word "no"; anything else is false.</summary>
    public static bool SaysYes(string reply) => Yes().IsMatch(reply) && !No().IsMatch(reply);

    [GeneratedRegex(@"\byes\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Yes();

    [GeneratedRegex(@"\bno\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex No();
}

using System.Text.RegularExpressions;

namespace Seal.Learning.Knowledge;

/// <summary>
/// Cuts a self-edit as the published program does, defects included: "---" separates even inside a line, "Answer 1:" is not seen as an answer,
/// and a first line is dropped when the second starts with "1.". Kept so that published runs can be repeated.
/// </summary>
internal static partial class PublishedCut
{
    public static IEnumerable<string> Pieces(string completion, bool splitLines)
    {
        string[] blocks = completion.Split("---", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (blocks.Length == 0)
            blocks = [completion.Trim()];
        if (!splitLines)
            return blocks;
        if (NumberedQuestion().IsMatch(completion) && BareAnswer().IsMatch(completion))
            return QuestionsWithAnswers(completion.Trim());
        return blocks.SelectMany(Lines);
    }

    private static string[] QuestionsWithAnswers(string completion)
    {
        string[] pieces = BeforeQuestion().Split(completion);
        if (!pieces[0].StartsWith("Question", StringComparison.Ordinal))
            pieces[0] = "Question 1: " + pieces[0];
        return pieces;
    }

    private static string[] Lines(string block)
    {
        string[] lines = block.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length >= 2 && lines[1].StartsWith("1.", StringComparison.Ordinal) ? lines[1..] : lines;
    }

    [GeneratedRegex(@"Question\s+\d+:")]
    private static partial Regex NumberedQuestion();

    [GeneratedRegex(@"Answer\s*:")]
    private static partial Regex BareAnswer();

    [GeneratedRegex(@"\n(?=Question\s+\d+:)")]
    private static partial Regex BeforeQuestion();
}

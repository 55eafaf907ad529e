using System.Text.RegularExpressions;

namespace Seal.Learning.Knowledge;

/// <summary>
/// Cuts a self-edit into statements, or into questions with their answers, by the form of its lines. Numbers, bullets and emphasis are removed
/// (the model should learn the statement, not that a fourth item follows a third), repeated statements kept once.
/// </summary>
internal static partial class CleanCut
{
    /// <param name="completion">The self-edit.</param>
    /// <param name="splitLines">A piece per statement; otherwise one per block between lines of dashes.</param>
    /// <param name="title">A line that only repeats the title teaches nothing.</param>
    /// <param name="context">A line that repeats the passage is left out: the passage is trained on anyway.</param>
    public static IEnumerable<string> Pieces(string completion, bool splitLines, string title, string context)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Key(title), Key(context) };
        IEnumerable<string> pieces = Blocks(completion.ReplaceLineEndings("\n"));
        if (splitLines)
            pieces = pieces.SelectMany(Statements);
        return pieces.Where(p => Key(p) is { Length: > 0 } key && seen.Add(key));
    }

    private static IEnumerable<string> Blocks(string text) => LineOfDashes().Split(text).Select(b => b.Trim()).Where(b => b.Length > 0);

    private static IEnumerable<string> Statements(string block)
    {
        // "Question 1: Who? Answer: He." on one line is the same as on two.
        string[] lines = InlineAnswer().Replace(block, "\n").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return IsQuestionAnswer(lines) ? QuestionsWithAnswers(lines) : PlainStatements(lines);
    }

    private static IEnumerable<string> PlainStatements(string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            bool alone = lines.Length == 1;
            if (!alone && (IsHeading(lines[i]) || i == 0 && IsPreamble(lines[0], lines[1]) || i == lines.Length - 1 && Closing().IsMatch(lines[i])))
                continue;
            string statement = Bare(lines[i]);
            if (statement.Any(char.IsLetterOrDigit))
                yield return statement;
        }
    }

    // The self-QA prompt ends in "Question 1: ", so a self-edit may open inside its first question.
    private static bool IsQuestionAnswer(string[] lines)
    {
        bool answers = lines.Skip(1).Any(l => AnswerLine().IsMatch(l));
        return answers && (lines.Any(l => QuestionLine().IsMatch(l)) || lines[0].EndsWith('?'));
    }

    // A question that was cut off before its answer is left out: it teaches no fact.
    private static IEnumerable<string> QuestionsWithAnswers(string[] lines)
    {
        var question = new List<string>();
        var answer = new List<string>();
        bool answering = false;
        for (int i = 0; i < lines.Length; i++)
        {
            bool answered = AnswerLine().IsMatch(lines[i]), asked = !answered && IsQuestion(lines, i);
            if (asked)
            {
                if (Pair() is string pair)
                    yield return pair;
                question.Clear();
                answer.Clear();
            }
            answering = answered || answering && !asked;
            string text = Text(lines[i], asked, answered);
            if (Emphasis().Replace(text, "$1").Trim() is { Length: > 0 } bare)
                (answering ? answer : question).Add(bare);
        }
        if (Pair() is string last)
            yield return last;

        string? Pair() => question.Count == 0 || answer.Count == 0
            ? null
            : $"Question: {string.Join('\n', question)}\nAnswer: {string.Join('\n', answer)}";
    }

    private static string Text(string line, bool asked, bool answered)
    {
        if (answered)
            return AnswerLine().Replace(line, "");
        return asked ? ListMark().Replace(QuestionLine().Replace(line, ""), "") : line;
    }

    // Marked as one, or just before an answer and ending as questions do ("2. Who was she?").
    private static bool IsQuestion(string[] lines, int i) =>
        QuestionLine().IsMatch(lines[i]) || lines[i].EndsWith('?') && i + 1 < lines.Length && AnswerLine().IsMatch(lines[i + 1]);

    private static bool IsHeading(string line) =>
        Heading().IsMatch(line) || line.EndsWith(':') && line.Length <= 60;

    // By its form: it announces a list and is no item of it; what the next line is called does not matter.
    private static bool IsPreamble(string line, string next) =>
        !ListMark().IsMatch(line) && (line.EndsWith(':') || Announcement().IsMatch(line) && ListMark().IsMatch(next));

    private static string Bare(string line)
    {
        string text = Heading().IsMatch(line) ? line.TrimStart('#').Trim() : line;
        return Emphasis().Replace(ListMark().Replace(text, ""), "$1").Trim();
    }

    private static string Key(string text) => Spaces().Replace(text, " ").Trim();

    [GeneratedRegex(@"^[ \t]*-{3,}[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex LineOfDashes();

    [GeneratedRegex(@"(?<=\?)[ \t]+(?=Answer[ \t]*\d*[ \t]*:)", RegexOptions.IgnoreCase)]
    private static partial Regex InlineAnswer();

    [GeneratedRegex(@"^[\s*#]*(?:\d+[.)]\s*)?\**(?:Question|Q)\s*\d*\s*[:.]\s*\**", RegexOptions.IgnoreCase)]
    private static partial Regex QuestionLine();

    [GeneratedRegex(@"^[\s*#\-]*(?:Answer|A)\s*\d*\s*:\s*\**", RegexOptions.IgnoreCase)]
    private static partial Regex AnswerLine();

    [GeneratedRegex(@"^(?:[-*•–—]\s+|\(?\d{1,3}[.)](?:\s+|$)|\([a-z]\)\s+|[a-z]\)\s+)+", RegexOptions.IgnoreCase)]
    private static partial Regex ListMark();

    [GeneratedRegex(@"^#{1,6}\s|^\*\*[^*]+(?<![.!?])\*\*:?$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?:sure|certainly|of course|here(?:'s|’s| is| are)|below (?:is|are)|the following)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Announcement();

    [GeneratedRegex(@"^(?:let me know|if you(?:'d|’d| would) like|would you like|feel free|i hope (?:this|that))\b", RegexOptions.IgnoreCase)]
    private static partial Regex Closing();

    [GeneratedRegex(@"\*\*([^*\n]+)\*\*")]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

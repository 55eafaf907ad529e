using System.Text.Json.Serialization;
using Seal.Kernels;

namespace Seal.Learning.Knowledge;

/// <summary>How questions are asked after an update. Answers are greedy.</summary>
public sealed record ExamSettings
{
    /// <summary>The published exam: 64 tokens, the whole text graded.</summary>
    public static ExamSettings Compat { get; } = new() { AnswerTokens = 64, CutAnswer = false };

    /// <summary>Tokens of an answer at most.</summary>
    public int AnswerTokens { get; init; } = 24;

    /// <summary>Ask in the model's chat format instead of as a text to be continued.</summary>
    public bool Chat { get; init; }

    /// <summary>Show the passage above the question: what can be known at all. (Base format alone.)</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] // an exam without it keeps the id that it always had
    public bool PassageInView { get; init; }

    /// <summary>Grade the answer up to a blank line or the next question the model asks itself, not the whole text.</summary>
    public bool CutAnswer { get; init; } = true;

    /// <exception cref="SealException">A value is out of range.</exception>
    public ExamSettings Validated() => this switch
    {
        { AnswerTokens: < 1 or > 4096 } => throw new SealException($"exam.answer_tokens is {AnswerTokens}; expected 1 to 4096"),
        { Chat: true, PassageInView: true } => throw new SealException("exam.passage_in_view is true and exam.chat too; expected one of them: the passage is shown in the base format"),
        _ => this,
    };
}

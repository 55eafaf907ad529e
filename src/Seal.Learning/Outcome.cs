using System.Text.Json.Serialization;

namespace Seal.Learning;

/// <summary>What one self-edit did: what was trained on, how that went, and what the adapted model then answered.</summary>
/// <param name="Sequences">What was trained on, in words: the texts themselves where they are few and short; empty for the bare model.</param>
/// <param name="Tokens">Tokens trained on, all epochs together.</param>
/// <param name="Losses">Mean loss of each optimizer step.</param>
public sealed record Outcome(IReadOnlyList<string> Sequences, long Tokens, IReadOnlyList<double> Losses, ExamResult Exam)
{
    /// <summary>Why nothing could be made of the self-edit, so that the exam is the bare model's; it is never reinforced.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Invalid { get; init; }
}

/// <summary>A self-edit to try on a task.</summary>
/// <param name="SelfEdit">What the model wrote, or a baseline's (empty = the passage alone); null = no update at all.</param>
public sealed record Trial(ITask Task, string? SelfEdit, ulong Seed);

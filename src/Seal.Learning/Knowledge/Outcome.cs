namespace Seal.Learning.Knowledge;

/// <summary>What one self-edit did: the texts it became, how training on them went, and what the adapted model then answered.</summary>
/// <param name="Sequences">Training texts in order; empty for the bare model.</param>
/// <param name="Tokens">Tokens trained on, all epochs together.</param>
/// <param name="Losses">Mean loss of each optimizer step.</param>
public sealed record Outcome(IReadOnlyList<string> Sequences, long Tokens, IReadOnlyList<double> Losses, ExamResult Exam);

/// <summary>A self-edit to try on a passage.</summary>
/// <param name="SelfEdit">What the model wrote; empty = the passage alone; null = no update at all.</param>
public sealed record Trial(Passage Passage, string? SelfEdit, ulong Seed);

using Seal.Models;

namespace Seal.Learning;

/// <summary>A self-edit as the policy wrote it.</summary>
/// <param name="Finish">How it ended; one cut off by its length is used as it is.</param>
public sealed record SelfEdit(string Text, int Tokens, FinishReason Finish);

/// <summary>One row of the policy's fine-tuning set: what it was asked and what it should have written.</summary>
public sealed record SftRow(string Prompt, string Completion);

using Seal.Learning.Journal;

namespace Seal.Learning.Knowledge;

/// <summary>A question about a passage with its gold answer.</summary>
public sealed record Question(string Text, string Answer);

/// <summary>Something to learn: a passage of text and, where known, questions that show whether it was learned.</summary>
/// <param name="Title">Names the subject; it heads every training sequence and every question.</param>
/// <param name="Context">The text itself.</param>
/// <param name="Questions">May be empty: a document can be learned without being tested on it.</param>
public sealed record Passage(string Title, string Context, IReadOnlyList<Question> Questions) : ITask
{
    /// <summary>Self-edits that came with the passage (published ones, or a model's from an earlier run); empty when there are none.</summary>
    public IReadOnlyList<string> Completions { get; init; } = [];

    /// <summary>Over title, text and questions.</summary>
    public string Digest => CanonicalJson.Hash(new { Title, Context, Questions });

    int ITask.Questions => Questions.Count;
}

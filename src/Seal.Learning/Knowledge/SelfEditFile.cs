using Seal.Models.Formats;

namespace Seal.Learning.Knowledge;

/// <summary>Generated self-edits as the published generator writes them: the passage, its completions and the prompt they answer.</summary>
public static class SelfEditFile
{
    /// <summary>Writes the list whole or not at all. <see cref="PassageFile"/> reads it back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passages">With their self-edits in <see cref="Passage.Completions"/>.</param>
    /// <param name="prompt">The exact prompt of a passage.</param>
    public static void Write(string path, IEnumerable<Passage> passages, Func<Passage, string> prompt) =>
        AtomicFile.WriteText(path, PublishedJson.Serialize(passages.Select(p => new Record(
            p.Title, p.Context, p.Questions.Select(q => new Asked(q.Text, q.Answer)).ToArray(), p.Completions, prompt(p)))));

    private sealed record Record(string Title, string Context, IReadOnlyList<Asked> Questions, IReadOnlyList<string> Completions, string Prompt);

    private sealed record Asked(string Question, string Answer);
}

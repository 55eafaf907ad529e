using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Learning.Knowledge;

/// <summary>The published selection, from a ranking file to a fine-tuning file.</summary>
public static class PublishedSelection
{
    /// <summary>The published rule on a ranking file: the best <paramref name="keep"/> of each article by accuracy after the update.</summary>
    /// <exception cref="SealException">An article has no prompt, so there is nothing to train on.</exception>
    public static IReadOnlyList<SftRow> Rows(RankingFile ranking, int keep = 1) =>
        ranking.Articles.SelectMany(article => BestOfSelection.Indices(article.Completions.Select(c => c.Stats.AdapterMean).ToArray(), keep)
            .Select(best => new SftRow(
                article.Prompt ?? throw new SealException($"ranking of {ranking.Dataset}, article '{article.Title}': no field 'prompt', expected the prompt of its self-edits."),
                article.Completions[best].Text.Trim()))).ToArray();

    /// <summary>Writes rows as JSON lines, non-ASCII kept, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<SftRow> rows) => AtomicFile.WriteText(path, string.Concat(rows.Select(r => r.Line() + "\n")));

    /// <summary>The row as one line of JSON, spaced as the published files are.</summary>
    public static string Line(this SftRow row) => $"{{\"prompt\": {PublishedJson.Quote(row.Prompt)}, \"completion\": {PublishedJson.Quote(row.Completion)}}}";
}

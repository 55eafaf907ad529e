using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Learning.Knowledge;

/// <summary>One row of the policy's fine-tuning set: what it was asked and what it should have written.</summary>
public sealed record SftRow(string Prompt, string Completion)
{
    /// <summary>Writes rows as JSON lines, non-ASCII kept, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<SftRow> rows) => AtomicFile.WriteText(path, string.Concat(rows.Select(r => r.Line() + "\n")));

    /// <summary>The row as one line of JSON, spaced as the published files are.</summary>
    public string Line() => $"{{\"prompt\": {PublishedJson.Quote(Prompt)}, \"completion\": {PublishedJson.Quote(Completion)}}}";
}

/// <summary>ReST-EM's filter: of the self-edits of each passage, those that the policy learns to write.</summary>
public static class BestOfSelection
{
    /// <summary>
    /// The indices of the candidates with the highest rewards, best first, at most <paramref name="keep"/>.
    /// </summary>
    /// <param name="rewards">One a candidate.</param>
    /// <param name="keep">How many.</param>
    /// <param name="above">Only candidates with a higher reward than this, such as that of no update: the best of five bad ones is not worth imitating.
    /// The published rule has no such bar.</param>
    /// <param name="evidence">Decides between equal rewards, higher first (a denser reward, say); equal again, the first sampled is taken, as published.</param>
    public static int[] Indices(IReadOnlyList<double> rewards, int keep = 1, double above = double.NegativeInfinity, IReadOnlyList<double>? evidence = null) =>
        Enumerable.Range(0, rewards.Count)
            .Where(i => rewards[i] > above)
            .OrderByDescending(i => rewards[i])
            .ThenByDescending(i => evidence?[i] ?? 0)
            .Take(keep)
            .ToArray();

    /// <summary>The published rule on a ranking file: the best <paramref name="keep"/> of each article by accuracy after the update.</summary>
    /// <exception cref="SealException">An article has no prompt, so there is nothing to train on.</exception>
    public static IReadOnlyList<SftRow> Rows(RankingFile ranking, int keep = 1) =>
        ranking.Articles.SelectMany(article => Indices(article.Completions.Select(c => c.Stats.AdapterMean).ToArray(), keep)
            .Select(best => new SftRow(
                article.Prompt ?? throw new SealException($"ranking of {ranking.Dataset}, article '{article.Title}': no field 'prompt', expected the prompt of its self-edits."),
                article.Completions[best].Text.Trim()))).ToArray();
}

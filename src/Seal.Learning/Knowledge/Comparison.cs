using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning.Knowledge;

/// <summary>A way to learn passages.</summary>
/// <param name="SelfEdits">One a passage, in order: a text, empty for the passage alone, null for no update.</param>
public sealed record Method(string Name, IReadOnlyList<string?> SelfEdits)
{
    public static Method NoUpdate(int passages) => new("no update", new string?[passages]);

    public static Method PassageOnly(int passages) => new("passage only", [.. Enumerable.Repeat("", passages)]);

    /// <summary>The first completion of each passage in a self-edit file; records are matched by title and context.</summary>
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="SealException">A passage has no self-edit there.</exception>
    public static Method FromFile(string name, string source, IReadOnlyList<Passage> selfEdits, IReadOnlyList<Passage> passages)
    {
        var written = new Dictionary<(string, string), Passage>();
        foreach (Passage record in selfEdits)
            written.TryAdd((record.Title, record.Context), record);
        return new Method(name, [.. passages.Select(passage =>
            written.TryGetValue((passage.Title, passage.Context), out Passage? found) && found.Completions.Count > 0
                ? found.Completions[0]
                : throw new SealException(
                    $"{source}: no self-edit for the passage '{passage.Title}' ({Start(passage.Context)}); expected a record of that title and context with completions"))]);
    }

    private static string Start(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

/// <summary>What a method came to, one outcome a passage.</summary>
public sealed record MethodOutcomes(string Name, IReadOnlyList<Outcome> Outcomes);

/// <summary>
/// Runs methods on the same passages, as journaled trials. A passage's trials have one seed whatever the method, so methods that are
/// compared start from the same adapter.
/// </summary>
public sealed class Comparison(TrialSettings settings, ulong seed, IJudge judge, RunJournal journal)
{
    /// <summary>Told the method, its trials done and in all, and the tokens it has trained on.</summary>
    public Action<string, int, int, long>? Progress { get; init; }

    /// <exception cref="SealException">A passage cannot be examined.</exception>
    /// <exception cref="JudgeUnavailableException">The judge gave no verdict; what was finished is in the journal.</exception>
    public MethodOutcomes Run(LanguageModel model, Method method, IReadOnlyList<Passage> passages, CancellationToken cancel = default)
    {
        RequireQuestions(passages);
        var runner = new TrialRunner(model, settings, judge, journal) { Progress = (done, total, tokens) => Progress?.Invoke(method.Name, done, total, tokens) };
        Trial[] trials = [.. passages.Zip(method.SelfEdits, (passage, selfEdit) =>
            new Trial(passage, selfEdit, CounterRandom.Derive(seed, $"trial {passage.Digest}")))];
        return new MethodOutcomes(method.Name, [.. runner.Run(trials, round: 0, cancel).Select(result => result.Outcome)]);
    }

    /// <summary>Every passage needs questions: without them there is nothing to compare.</summary>
    /// <exception cref="SealException">One has none.</exception>
    public static void RequireQuestions(IReadOnlyList<Passage> passages)
    {
        for (int i = 0; i < passages.Count; i++)
            if (passages[i].Questions.Count == 0)
                throw new SealException($"passage {i} ('{passages[i].Title}') has no questions, so what was learned from it cannot be examined; give each a list of {{question, answer}}");
    }
}

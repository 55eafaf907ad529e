using System.Text.Json.Nodes;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning.Report;

/// <summary>
/// A run's journal as rounds, passages and candidates, as far as it goes. The one file of the report that knows what jobs look like: a job
/// is found by the policy, the passage, the self-edit and the seed that <see cref="RoundTrials"/> gives it.
/// </summary>
internal sealed class JournalRounds
{
    private readonly RecordedRun _run;
    private readonly IReadOnlyList<Entry> _entries;
    private readonly IReadOnlyList<(string Digest, string Title)> _passages;
    private readonly ILookup<(string Kind, string Passage), Entry> _jobs;
    private readonly Dictionary<string, SelectionRecord> _selections = []; // by the job of the passage learned by itself
    private readonly Dictionary<string, string> _texts;

    private JournalRounds(RecordedRun run)
    {
        _run = run;
        _entries = [.. run.Jobs.Where(job => job.Kind != "select").Select(Entry.Of)];
        _passages = [.. _entries.Where(entry => entry.Passage.Length > 0).Select(entry => (entry.Passage, entry.Title)).Distinct()
            .OrderBy(passage => passage.Title, StringComparer.Ordinal).ThenBy(passage => passage.Passage, StringComparer.Ordinal)];
        _jobs = _entries.ToLookup(entry => (entry.Job.Kind, entry.Passage));
        foreach (JournalEntry job in run.Jobs.Where(job => job.Kind == "select"))
            _selections[(string)JsonNode.Parse(job.Inputs)!["passage_only"]!] = run.Result<SelectionRecord>(job);
        _texts = run.Settings.Trial.Rules.IncludePassage ? Texts() : [];
    }

    public static IReadOnlyList<StoryRound> Of(RecordedRun run)
    {
        var journal = new JournalRounds(run);
        int rounds = run.Jobs.Select(job => job.Round).DefaultIfEmpty(0).Max();
        return [.. Enumerable.Range(1, rounds).Select(journal.Round)];
    }

    /// <summary>What each phase took, by the round whose job it was first.</summary>
    public static IReadOnlyList<StoryCost> Costs(RecordedRun run, RunEnvironment? environment)
    {
        var journal = new JournalRounds(run);
        return [.. journal._entries
            .GroupBy(entry => (entry.Job.Round, Phase: journal.Phase(entry)))
            .OrderBy(group => group.Key.Round).ThenBy(group => Array.IndexOf(Phases.All, group.Key.Phase))
            .Select(group => journal.Cost(group.Key.Round, group.Key.Phase, [.. group], environment))];
    }

    private StoryRound Round(int round)
    {
        ulong seed = RoundTrials.Seed(_run.Settings, round);
        string policy = _entries.FirstOrDefault(entry => entry.Job.Round == round)?.Model ?? "";
        bool selected = _passages.Count > 0;
        var passages = new List<StoryPassage>();
        foreach ((string digest, string title) in _passages)
        {
            // A policy that no round changed sat its exam once, in the first of its rounds.
            Entry? exam = _jobs[("exam", digest)].FirstOrDefault(entry => entry.Model == policy);
            Entry? alone = Adapted(digest, round, RoundTrials.BaselineSeed(digest, seed)).FirstOrDefault();
            Outcome? noUpdate = Outcome(exam);
            SelectionRecord? selection = alone is null ? null : _selections.GetValueOrDefault(alone.Job.Id);
            selected &= selection is not null;
            passages.Add(new StoryPassage(
                digest, title, _texts.GetValueOrDefault(digest), Shown(noUpdate, noUpdate), Shown(noUpdate, Outcome(alone)),
                [.. _jobs[("sample", digest)].Where(entry => entry.Job.Round == round).OrderBy(entry => entry.Candidate).Select(Candidate)]));

            StoryCandidate Candidate(Entry sample)
            {
                SelfEdit edit = _run.Result<SelfEdit>(sample.Job);
                StoryOutcome? outcome = Shown(noUpdate, Outcome(Adapted(digest, round, RoundTrials.CandidateSeed(digest, seed)).FirstOrDefault(entry => entry.SelfEdit == edit.Text)));
                bool kept = edit.Text.Length > 0 && selection?.Kept.Contains(sample.Candidate) == true;
                return new StoryCandidate(sample.Candidate + 1, edit.Text, edit.Finish == FinishReason.Length, outcome, kept);
            }
        }
        return new StoryRound(round, policy, passages, selected, Update(round));
    }

    private StoryUpdate? Update(int round)
    {
        if (_entries.FirstOrDefault(entry => entry.Job.Kind == "policy" && entry.Job.Round == round) is not { } entry)
            return null;
        IReadOnlyList<double> losses = _run.Result<PolicyRecord>(entry.Job).Losses;
        return new StoryUpdate(entry.Inputs["rows"]!.AsArray().Count, losses.Count, losses.Count > 0 ? losses[0] : 0, losses.Count > 0 ? losses[^1] : 0);
    }

    private IEnumerable<Entry> Adapted(string passage, int round, ulong seed) =>
        _jobs[("adapt", passage)].Where(entry => entry.Job.Round == round && entry.Seed == seed);

    private Outcome? Outcome(Entry? entry) => entry is null ? null : _run.Result<Outcome>(entry.Job);

    private StoryOutcome? Shown(Outcome? noUpdate, Outcome? outcome) => noUpdate is null || outcome is null ? null : new StoryOutcome(
        RestEm.Reward(_run.Settings.Selection, noUpdate, outcome), outcome.Exam.Accuracy(), outcome.Tokens, outcome.Losses.Count,
        [.. outcome.Exam.Answers.Select(answer => new StoryAnswer(answer.Question, answer.Gold, answer.Answer, answer.Correct))]);

    private bool IsPassageOnly(Entry entry) =>
        entry.Seed == RoundTrials.BaselineSeed(entry.Passage, RoundTrials.Seed(_run.Settings, entry.Job.Round));

    /// <summary>The passages' texts: the last thing that learning a passage by itself trains on, under its title.</summary>
    private Dictionary<string, string> Texts()
    {
        var texts = new Dictionary<string, string>();
        foreach (Entry entry in _entries.Where(entry => entry.Job.Kind == "adapt" && IsPassageOnly(entry)))
            if (Outcome(entry)!.Sequences is [.., var last] && last.StartsWith($"{entry.Title}\n", StringComparison.Ordinal))
                texts[entry.Passage] = last[(entry.Title.Length + 1)..];
        return texts;
    }

    private string Phase(Entry entry) => entry.Job.Kind switch
    {
        "exam" => Phases.NoUpdate,
        "sample" => Phases.SelfEdits,
        "adapt" => IsPassageOnly(entry) ? Phases.PassageOnly : Phases.Candidates,
        "policy" => Phases.Policy,
        string other => other,
    };

    private StoryCost Cost(int round, string phase, IReadOnlyList<Entry> entries, RunEnvironment? sizes)
    {
        double seconds = entries.Sum(entry => entry.Job.Seconds);
        if (phase == Phases.SelfEdits)
        {
            long written = entries.Sum(entry => (long)_run.Result<SelfEdit>(entry.Job).Tokens);
            return new StoryCost(round, phase, entries.Count, written, 0, seconds, sizes is null ? null : Flops.Written(written, sizes));
        }
        if (phase is Phases.PassageOnly or Phases.Candidates)
        {
            Outcome[] outcomes = [.. entries.Select(entry => Outcome(entry)!)];
            long trained = outcomes.Sum(outcome => outcome.Tokens);
            return new StoryCost(round, phase, entries.Count, trained, outcomes.Sum(outcome => outcome.Losses.Count), seconds, sizes is null ? null : Flops.Trained(trained, sizes));
        }
        int steps = phase == Phases.Policy ? entries.Sum(entry => _run.Result<PolicyRecord>(entry.Job).Losses.Count) : 0;
        return new StoryCost(round, phase, entries.Count, null, steps, seconds, null);
    }

    /// <summary>A job with what it is found by.</summary>
    private sealed record Entry(JournalEntry Job, JsonObject Inputs, string Model, string Passage, string Title, ulong Seed, int Candidate, string? SelfEdit)
    {
        public static Entry Of(JournalEntry job)
        {
            JsonObject inputs = JsonNode.Parse(job.Inputs)!.AsObject();
            return new Entry(
                job, inputs, (string?)inputs["model"] ?? "", (string?)inputs["passage"] ?? (string?)inputs["task"] ?? "", (string?)inputs["title"] ?? "",
                (ulong?)inputs["seed"] ?? 0, (int?)inputs["candidate"] ?? 0, (string?)inputs["self_edit"]);
        }
    }
}

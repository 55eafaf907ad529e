using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;
using Seal.Models.Formats;

namespace Seal.Learning;

/// <summary>
/// Trains and examines the self-edits that a run wrote once more, on another backend say, with the run's settings, seeds and groups, and
/// compares the rewards. Nothing is sampled: each round starts from the policy that the run merged.
/// </summary>
/// <param name="journal">Takes the replay's own jobs, so that one that was stopped goes on.</param>
public sealed class Replay(RecordedRun run, Operators operators, IJudge judge, RunJournal journal)
{
    private readonly RunSettings _settings = run.Settings;
    private readonly IDomain _domain = Domains.Of(run.Settings, judge);

    /// <summary>Seeds of the inner loop for every self-edit; the first is the run's own.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>The only round to replay; null = all that the run came to.</summary>
    public int? Round { get; init; }

    /// <summary>Largest difference of a reward that passes.</summary>
    public double Limit { get; init; } = 2e-2;

    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>A trial as the run did it.</summary>
    private sealed record Recorded(Trial Trial, JournalEntry Job, Outcome Outcome);

    /// <exception cref="SealException">The run cannot be replayed with these settings, files or judge, or its journal is damaged.</exception>
    /// <exception cref="JudgeUnavailableException">The judge gave no verdict.</exception>
    public ReplayReport Run(CancellationToken cancel = default)
    {
        Validate();
        IReadOnlyList<ITask> tasks = _domain.Tasks();
        ModelConfig config;
        using (ModelFile file = ModelFile.Open(_settings.Model))
            config = file.Config;
        using LanguageModel? bare = _settings.Trial.Learner == Learner.Base ? LanguageModel.Open(_settings.ModelPath, operators) : null;
        var replayed = new List<ReplayedPassage>();
        for (int round = 1; round <= _settings.Rounds; round++)
        {
            if (Round is not null && Round != round || !run.Jobs.Any(job => job.Kind == "adapt" && job.Round == round))
                continue;
            using LanguageModel model = LanguageModel.Open(_settings.ModelPath, operators, run.PolicyBefore(round, config));
            replayed.AddRange(Again(model, bare ?? model, tasks, round, cancel));
        }
        if (replayed.Count == 0)
            throw new SealException($"{run.Folder}: {(Round is int only ? $"round {only}" : "the run")} has no finished trial to replay");
        return new ReplayReport(
            run.Folder, run.ComputedBy, $"{operators.Numerics}, {operators.Activation.ToString().ToLowerInvariant()}", _settings.Selection.Reward, Seeds, Limit, replayed);
    }

    private void Validate()
    {
        if (Seeds is < 1 or > 1000)
            throw new SealException($"seeds is {Seeds}; expected 1 to 1000");
        if (!(Limit >= 0))
            throw new SealException($"limit is {Limit}; expected 0 or more");
        if (Round is int round && (round < 1 || round > _settings.Rounds))
            throw new SealException($"round is {round}; the run in {run.Folder} has rounds 1 to {_settings.Rounds}");
        if (run.Judge is { } name && name != _domain.Judge)
            throw new SealException($"{run.Folder}: the run was judged by '{name}', the replay would be by '{_domain.Judge}'; give the same judge");
    }

    private IEnumerable<ReplayedPassage> Again(LanguageModel model, LanguageModel learner, IReadOnlyList<ITask> tasks, int round, CancellationToken cancel)
    {
        ulong seed = RoundTrials.Seed(_settings, round);
        Trials Runner(string phase) => _domain.Trials(
            learner, journal, (done, total, tokens) => Progress?.Invoke(new TrainingProgress(round, phase, done, total, $"{tokens:N0} tokens trained")));
        Trials names = Runner("");
        Recorded? Find(Trial trial) => run.Find(names.JobOf(trial, round)) is { } job ? new Recorded(trial, job, OutcomeOf(job, trial.Task)) : null;

        // In the run's order: cut into the same groups they are the same batches, and a stopped run has whole groups from the first on.
        Recorded[] baselines = [.. RoundTrials.Baselines(tasks, _domain.Baseline, seed).Select(Find).OfType<Recorded>()];
        IReadOnlyList<(int Number, Recorded Item)> selfEdits = SelfEdits(model, tasks, round, seed, Find);
        RequireAll(round, [.. baselines, .. selfEdits.Select(item => item.Item)]);
        Outcome[] before = Outcomes(Runner("baselines"), baselines, other: 0, round, cancel);
        Outcome[][] after = [.. Enumerable.Range(0, Seeds).Select(other =>
            Outcomes(Runner(other == 0 ? "candidates" : $"candidates, seed {other + 1}"), [.. selfEdits.Select(item => item.Item)], other, round, cancel))];

        foreach (ITask task in tasks)
        {
            int bare = Array.FindIndex(baselines, item => item.Trial.Task == task && item.Trial.SelfEdit is null);
            int alone = Array.FindIndex(baselines, item => item.Trial.Task == task && item.Trial.SelfEdit is not null);
            if (alone < 0 || bare < 0)
                continue;
            int[] mine = [.. Enumerable.Range(0, selfEdits.Count).Where(i => selfEdits[i].Item.Trial.Task == task)];
            Compared Compare(int number, Recorded item, IEnumerable<Outcome> again) => new(number, item, baselines[bare].Outcome, [.. again], before[bare], _settings.Selection);
            Compared only = Compare(0, baselines[alone], [before[alone]]);
            Compared[] candidates = [.. mine.Select(i => Compare(selfEdits[i].Number, selfEdits[i].Item, after.Select(outcomes => outcomes[i])))];
            RequireSelected(task, round, baselines[bare].Job, only, candidates);
            yield return PassageOf(task, round, only, candidates);
        }
    }

    private Outcome OutcomeOf(JournalEntry job, ITask task)
    {
        Outcome outcome = run.Result<Outcome>(job);
        return outcome.Exam.Answers.Count == task.Questions && outcome.Exam.Answers.All(answer => answer is { GoldLogProbabilities.Count: > 0 })
            ? outcome
            : throw run.Damaged(job, $"its exam is not one of the {task.Questions} questions on '{task.Title}'");
    }

    private IReadOnlyList<(int Number, Recorded Item)> SelfEdits(LanguageModel model, IReadOnlyList<ITask> tasks, int round, ulong seed, Func<Trial, Recorded?> find)
    {
        SelfEditSampling sampler = _domain.Sampler(model);
        var found = new List<(int, Recorded)>();
        foreach (ITask task in tasks)
            for (int k = 0; k < _settings.Candidates; k++)
                if (run.Find(sampler.JobOf(task, k, _settings.Candidates, round, seed)) is { } sampled
                    && find(RoundTrials.Candidate(task, run.Result<SelfEdit>(sampled).Text, seed)) is { } trial)
                    found.Add((k + 1, trial));
        return found;
    }

    private static Outcome[] Outcomes(Trials runner, IReadOnlyList<Recorded> trials, int other, int round, CancellationToken cancel) =>
        [.. runner.Run([.. trials.Select(item => other == 0 ? item.Trial : item.Trial with { Seed = CounterRandom.Derive(item.Trial.Seed, $"replay {other}") })], round, cancel)
            .Select(result => result.Outcome)];

    /// <summary>What the round trained must all be found again: else model, passages or settings are not those of the run.</summary>
    private void RequireAll(int round, IReadOnlyList<Recorded> found)
    {
        HashSet<string> ids = [.. found.Select(item => item.Job.Id)];
        if (run.Jobs.FirstOrDefault(job => job.Kind == "adapt" && job.Round == round && !ids.Contains(job.Id)) is { } stranger)
            throw new SealException(
                $"{run.Folder}: the adapt job {stranger.Id[..16]} of round {round} does not follow from settings.json, the model {_settings.Model} and the {_domain.Words.Task.Many} {_domain.Words.Source} as they are now; put back what the run was started with");
    }

    /// <summary>The journal holds a reward twice, in the choice that was made and as the outcome it was made from.</summary>
    private void RequireSelected(ITask task, int round, JournalEntry noUpdate, Compared only, Compared[] candidates)
    {
        Job job = RestEm.SelectionJob(_settings.Selection, task, round, noUpdate.Id, only.Job.Id, candidates.Select(item => item.Job.Id));
        if (run.Find(job) is not { } entry)
            return;
        SelectionRecord record = run.Result<SelectionRecord>(entry);
        double[] selected = [record.PassageOnly, .. record.Rewards], rewarded = [only.Recorded, .. candidates.Select(item => item.Recorded)];
        if (selected.Length != rewarded.Length)
            throw run.Damaged(entry, $"it holds {selected.Length - 1} rewards for {rewarded.Length - 1} self-edits");
        for (int i = 0; i < selected.Length; i++)
            if (Math.Abs(selected[i] - rewarded[i]) > 1e-9)
                throw run.Damaged(entry, FormattableString.Invariant(
                    $"it says that {(i == 0 ? "the passage alone" : $"self-edit {i}")} of '{task.Title}' earned {selected[i]:R}, its exam gives {rewarded[i]:R}"));
    }

    private static ReplayedPassage PassageOf(ITask task, int round, Compared only, Compared[] candidates)
    {
        int[] ranked = BestOfSelection.Indices([.. candidates.Select(item => item.Recorded)], candidates.Length, evidence: [.. candidates.Select(item => item.RecordedEvidence)]);
        int[] again = BestOfSelection.Indices([.. candidates.Select(item => item.Rewards[0])], 1, evidence: [.. candidates.Select(item => item.Evidence)]);
        ReplayedReward[] rewards = [.. candidates.Select(item => item.Reward)];
        ReplayedReward? first = ranked is [int best, ..] ? rewards[best] : null, second = ranked is [_, int next, ..] ? rewards[next] : null;
        return new ReplayedPassage(
            round, task.Title, only.Reward, rewards, first?.Number, again is [int now] ? rewards[now].Number : null,
            first?.Recorded - second?.Recorded, second is null ? first?.Spread : Math.Max(first!.Spread, second.Spread));
    }

    /// <summary>A trial's exams turned into rewards, the run's against the run's bare model, the replay's against its own.</summary>
    private sealed class Compared(int number, Recorded recorded, Outcome recordedBefore, IReadOnlyList<Outcome> again, Outcome before, SelectionSettings selection)
    {
        public JournalEntry Job => recorded.Job;

        public double Recorded { get; } = RestEm.Reward(selection, recordedBefore, recorded.Outcome);

        public double RecordedEvidence { get; } = RestEm.Evidence(selection, recordedBefore, recorded.Outcome);

        public IReadOnlyList<double> Rewards { get; } = [.. again.Select(outcome => RestEm.Reward(selection, before, outcome))];

        public double Evidence { get; } = RestEm.Evidence(selection, before, again[0]);

        public ReplayedReward Reward => new(number, Job.Id, Recorded, Rewards);
    }
}

using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning;

/// <summary>Where a run stands.</summary>
/// <param name="Phase">baselines, self-edits, candidates, policy.</param>
public sealed record TrainingProgress(int Round, string Phase, int Done, int Total, string Detail);

/// <summary>A self-edit, what it did, and what that earned.</summary>
/// <param name="Id">The candidate's job.</param>
/// <param name="Kept">Whether the policy learns to write it.</param>
public sealed record Candidate(string Id, SelfEdit Edit, Outcome Outcome, double Reward, bool Kept);

/// <summary>What the candidates of a task earned, as the journal keeps it.</summary>
/// <param name="PassageOnly">What the domain's baseline (the passage alone) earned: the bar, where the settings ask for one.</param>
/// <param name="Kept">Indices of the candidates that are reinforced.</param>
public sealed record SelectionRecord(IReadOnlyList<double> Rewards, double PassageOnly, IReadOnlyList<int> Kept);

/// <summary>One task in one round.</summary>
public sealed record TaskRound(ITask Task, Outcome NoUpdate, Outcome Baseline, double BaselineReward, IReadOnlyList<Candidate> Candidates);

/// <summary>One round: every task's candidates, and the policy's update (null when nothing was worth reinforcing).</summary>
public sealed record RoundReport(int Round, string PolicyDigest, IReadOnlyList<TaskRound> Tasks, PolicyRecord? Policy);

/// <summary>A finished run.</summary>
public sealed record RunReport(RunSettings Settings, string Numerics, IReadOnlyList<RoundReport> Rounds);

/// <summary>
/// The outer loop, ReST-EM (Singh et al., arXiv 2312.06585, as SEAL uses it). E-step: the policy writes self-edits, each is learned by an
/// adapter of its own and examined. M-step: the policy is fine-tuned on those that earned reward, and merged. A killed run goes on
/// where its journal ends.
/// </summary>
public sealed class RestEm(RunSettings settings, string folder, Operators operators, IDomain domain)
{
    /// <summary>The loop on the domain that the settings mean.</summary>
    /// <param name="judge">Grades answers, where the domain needs one.</param>
    public RestEm(RunSettings settings, string folder, Operators operators, IJudge judge)
        : this(settings, folder, operators, Domains.Of(settings, judge))
    {
    }

    public Action<TrainingProgress>? Progress { get; init; }

    /// <exception cref="SealException">Settings, passages, model or folder cannot be used.</exception>
    /// <exception cref="JudgeUnavailableException">The judge gave no verdict; run again to go on.</exception>
    public RunReport Run(CancellationToken cancel = default)
    {
        settings.Validated();
        var files = RunFolder.Prepare(folder, settings);
        IReadOnlyList<ITask> tasks = domain.Tasks();
        using RunJournal journal = RunJournal.Open(folder);
        using LanguageModel? bare = settings.Trial.Learner == Learner.Base ? LanguageModel.Open(settings.ModelPath, operators) : null;
        var policy = new List<LoraAdapter>();
        var rounds = new List<RoundReport>();
        for (int round = 1; round <= settings.Rounds; round++)
        {
            using LanguageModel model = LanguageModel.Open(settings.ModelPath, operators, policy);
            if (round == 1)
                files.WriteEnvironment(RunEnvironment.Of(model.Config, settings));
            ulong seed = RoundTrials.Seed(settings, round);
            IReadOnlyList<TaskRound> results = EStep(model, bare ?? model, tasks, round, seed, journal, files, cancel);
            PolicyRecord? update = MStep(model, results, round, seed, journal, files, policy, cancel);
            rounds.Add(new RoundReport(round, model.Weights.Digest, results, update));
            files.WriteReport(new RunReport(settings, operators.Numerics, rounds));
        }
        return new RunReport(settings, operators.Numerics, rounds);
    }

    private IReadOnlyList<TaskRound> EStep(
        LanguageModel model, LanguageModel learner, IReadOnlyList<ITask> tasks, int round, ulong seed, RunJournal journal, RunFolder files, CancellationToken cancel)
    {
        IReadOnlyList<(Job Job, Outcome Outcome)> Try(string phase, Trial[] trials, bool keep) => domain.Trials(
            learner, journal,
            (done, total, tokens) => Report(round, phase, done, total, $"{tokens:N0} tokens trained"),
            keep ? files.KeepAdapters : null).Run(trials, round, cancel);
        var before = Try("baselines", RoundTrials.Baselines(tasks, domain.Baseline, seed), keep: false);
        IReadOnlyList<IReadOnlyList<SelfEdit>> edits = domain.Sampler(model).Sample(
            tasks, settings.Candidates, round, seed, journal, (done, total) => Report(round, "self-edits", done, total, domain.Words.Task.Many), cancel);
        var outcomes = Try("candidates", [.. tasks.SelectMany((task, t) => edits[t].Select(edit => RoundTrials.Candidate(task, edit.Text, seed)))], keep: true);
        return [.. tasks.Select((task, t) => Select(
            task, before[t], before[tasks.Count + t], edits[t],
            outcomes.Skip(t * settings.Candidates).Take(settings.Candidates).ToList(), round, journal))];
    }

    private TaskRound Select(
        ITask task, (Job Job, Outcome Outcome) noUpdate, (Job Job, Outcome Outcome) baseline,
        IReadOnlyList<SelfEdit> edits, IReadOnlyList<(Job Job, Outcome Outcome)> outcomes, int round, RunJournal journal)
    {
        SelectionSettings selection = settings.Selection;
        double[] rewards = [.. outcomes.Select(item => Reward(selection, noUpdate.Outcome, item.Outcome))];
        double[] evidence = [.. outcomes.Select(item => Evidence(selection, noUpdate.Outcome, item.Outcome))];
        double bar = Reward(selection, noUpdate.Outcome, baseline.Outcome);
        int[] kept = BestOfSelection.Indices(
            [.. rewards.Select((reward, k) => outcomes[k].Outcome.Invalid is null ? reward : double.NegativeInfinity)], selection.Best, selection.Above(bar), evidence);
        // An empty self-edit may be the best of its task, but there is nothing to imitate in it.
        Job job = SelectionJob(selection, task, round, noUpdate.Job.Id, baseline.Job.Id, outcomes.Select(item => item.Job.Id));
        journal.Store([(job, new SelectionRecord(rewards, bar, kept))], TimeSpan.Zero);
        return new TaskRound(task, noUpdate.Outcome, baseline.Outcome, bar,
            [.. outcomes.Select((item, k) => new Candidate(item.Job.Id, edits[k], item.Outcome, rewards[k], kept.Contains(k) && edits[k].Text.Length > 0))]);
    }

    /// <summary>The choice among a task's candidates, named by the jobs that it is made from.</summary>
    internal static Job SelectionJob(
        SelectionSettings selection, ITask task, int round, string noUpdate, string baseline, IEnumerable<string> candidates) =>
        Job.Of("select", round, new
        {
            task.Title,
            NoUpdate = noUpdate,
            PassageOnly = baseline,
            Candidates = candidates,
            Selection = selection,
        });

    internal static double Reward(SelectionSettings selection, Outcome noUpdate, Outcome outcome) => selection.Reward switch
    {
        RewardKind.Accuracy => outcome.Exam.Accuracy(),
        RewardKind.F1 => outcome.Exam.F1(),
        _ => Evidence(selection, noUpdate, outcome),
    };

    /// <summary>What decides between equal rewards.</summary>
    internal static double Evidence(SelectionSettings selection, Outcome noUpdate, Outcome outcome) =>
        DenseReward.Gain(noUpdate.Exam, outcome.Exam, selection.Floor);

    private PolicyRecord? MStep(
        LanguageModel model, IReadOnlyList<TaskRound> results, int round, ulong seed, RunJournal journal, RunFolder files, List<LoraAdapter> policy, CancellationToken cancel)
    {
        SelfEditSampling sampler = domain.Sampler(model);
        SftRow[] rows = [.. results.SelectMany(result => result.Candidates
            .Where(candidate => candidate.Kept)
            .Select(candidate => new SftRow(sampler.Prompt(result.Task), candidate.Edit.Text)))];
        files.DropAdaptersExcept(results.SelectMany(result => result.Candidates), candidate => candidate.Kept);
        if (rows.Length == 0)
            return null;
        (PolicyRecord record, LoraAdapter adapter) = new PolicyUpdate(model, settings.Policy, journal).Run(
            rows, round, CounterRandom.Derive(seed, "policy"), files.Policy(round), (done, total) => Report(round, "policy", done, total, "batches"), cancel);
        policy.Add(adapter);
        return record;
    }

    private void Report(int round, string phase, int done, int total, string detail) =>
        Progress?.Invoke(new TrainingProgress(round, phase, done, total, detail));
}

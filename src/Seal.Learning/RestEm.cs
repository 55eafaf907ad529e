using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Learning.Worlds;
using Seal.Models;

namespace Seal.Learning;

/// <summary>Where a run stands.</summary>
/// <param name="Phase">baselines, self-edits, candidates, policy.</param>
public sealed record TrainingProgress(int Round, string Phase, int Done, int Total, string Detail);

/// <summary>A self-edit, what it did, and what that earned.</summary>
/// <param name="Id">The candidate's job.</param>
/// <param name="Kept">Whether the policy learns to write it.</param>
public sealed record Candidate(string Id, SelfEdit Edit, Outcome Outcome, double Reward, bool Kept);

/// <summary>What the candidates of a passage earned, as the journal keeps it.</summary>
/// <param name="PassageOnly">What learning the passage alone earned: the bar, where the settings ask for one.</param>
/// <param name="Kept">Indices of the candidates that are reinforced.</param>
public sealed record SelectionRecord(IReadOnlyList<double> Rewards, double PassageOnly, IReadOnlyList<int> Kept);

/// <summary>One passage in one round.</summary>
public sealed record PassageRound(Passage Passage, Outcome NoUpdate, Outcome PassageOnly, double PassageOnlyReward, IReadOnlyList<Candidate> Candidates);

/// <summary>One round: every passage's candidates, and the policy's update (null when nothing was worth reinforcing).</summary>
public sealed record RoundReport(int Round, string PolicyDigest, IReadOnlyList<PassageRound> Passages, PolicyRecord? Policy);

/// <summary>A finished run.</summary>
public sealed record RunReport(RunSettings Settings, string Numerics, IReadOnlyList<RoundReport> Rounds);

/// <summary>
/// The outer loop, ReST-EM (Singh et al., arXiv 2312.06585, as SEAL uses it). E-step: the policy writes self-edits, each is learned by an
/// adapter of its own and examined. M-step: the policy is fine-tuned on those that earned reward, and merged. A killed run goes on
/// where its journal ends.
/// </summary>
public sealed class RestEm(RunSettings settings, string folder, Operators operators, IJudge judge)
{
    public Action<TrainingProgress>? Progress { get; init; }

    /// <exception cref="SealException">Settings, passages, model or folder cannot be used.</exception>
    /// <exception cref="JudgeUnavailableException">The judge gave no verdict; run again to go on.</exception>
    public RunReport Run(CancellationToken cancel = default)
    {
        settings.Validated();
        var files = RunFolder.Prepare(folder, settings);
        IReadOnlyList<Passage> passages = PassagesOf(settings);
        using RunJournal journal = RunJournal.Open(folder);
        var policy = new List<LoraAdapter>();
        var rounds = new List<RoundReport>();
        for (int round = 1; round <= settings.Rounds; round++)
        {
            using LanguageModel model = LanguageModel.Open(Bottle.PathOf(settings.Model), operators, policy);
            if (round == 1)
                files.WriteEnvironment(RunEnvironment.Of(model.Config, settings));
            ulong seed = RoundTrials.Seed(settings, round);
            IReadOnlyList<PassageRound> results = EStep(model, passages, round, seed, journal, files, cancel);
            PolicyRecord? update = MStep(model, results, round, seed, journal, files, policy, cancel);
            rounds.Add(new RoundReport(round, model.Weights.Digest, results, update));
            files.WriteReport(new RunReport(settings, operators.Numerics, rounds));
        }
        return new RunReport(settings, operators.Numerics, rounds);
    }

    /// <exception cref="SealException">The file cannot be used, or a passage has no questions.</exception>
    internal static IReadOnlyList<Passage> PassagesOf(RunSettings settings)
    {
        IReadOnlyList<Passage> passages = PassageSource.Read(settings.Passages, settings.Take == 0 ? null : settings.Take);
        if (passages.FirstOrDefault(passage => passage.Questions.Count == 0) is { } silent)
            throw new SealException($"{settings.Passages}: passage '{silent.Title}' has no questions; the outer loop needs some to reward its self-edits");
        return passages;
    }

    private IReadOnlyList<PassageRound> EStep(
        LanguageModel model, IReadOnlyList<Passage> passages, int round, ulong seed, RunJournal journal, RunFolder files, CancellationToken cancel)
    {
        TrialRunner Runner(string phase, bool keep) => new(model, settings.Trial, judge, journal)
        {
            Progress = (done, total, tokens) => Report(round, phase, done, total, $"{tokens:N0} tokens trained"),
            Finished = keep ? files.KeepAdapters : null,
        };
        Trial[] baselines = RoundTrials.Baselines(passages, seed);
        var before = Runner("baselines", keep: false).Run(baselines, round, cancel);
        var sampler = new SelfEditSampler(model, settings.SelfEdit);
        IReadOnlyList<IReadOnlyList<SelfEdit>> edits = sampler.Sample(
            passages, settings.Candidates, round, seed, journal, (done, total) => Report(round, "self-edits", done, total, "passages"), cancel);
        Trial[] trials = [.. passages.SelectMany((passage, p) => edits[p].Select((edit, k) => RoundTrials.Candidate(passage, edit.Text, k, seed)))];
        var outcomes = Runner("candidates", keep: true).Run(trials, round, cancel);
        return [.. passages.Select((passage, p) => Select(
            passage, before[p], before[passages.Count + p], edits[p],
            outcomes.Skip(p * settings.Candidates).Take(settings.Candidates).ToList(), round, journal))];
    }

    private PassageRound Select(
        Passage passage, (Job Job, Outcome Outcome) noUpdate, (Job Job, Outcome Outcome) passageOnly,
        IReadOnlyList<SelfEdit> edits, IReadOnlyList<(Job Job, Outcome Outcome)> outcomes, int round, RunJournal journal)
    {
        double[] rewards = [.. outcomes.Select(item => Reward(settings.Selection, noUpdate.Outcome, item.Outcome))];
        double[] evidence = [.. outcomes.Select(item => Evidence(settings.Selection, noUpdate.Outcome, item.Outcome))];
        double baseline = Reward(settings.Selection, noUpdate.Outcome, passageOnly.Outcome);
        double bar = settings.Selection.AboveBaseline ? baseline : double.NegativeInfinity;
        int[] kept = BestOfSelection.Indices(rewards, settings.Selection.Best, bar, evidence);
        // An empty self-edit may be the best of its passage, but there is nothing to imitate in it.
        Job job = SelectionJob(settings.Selection, passage, round, noUpdate.Job.Id, passageOnly.Job.Id, outcomes.Select(item => item.Job.Id));
        journal.Store([(job, new SelectionRecord(rewards, baseline, kept))], TimeSpan.Zero);
        return new PassageRound(passage, noUpdate.Outcome, passageOnly.Outcome, baseline,
            [.. outcomes.Select((item, k) => new Candidate(item.Job.Id, edits[k], item.Outcome, rewards[k], kept.Contains(k) && edits[k].Text.Length > 0))]);
    }

    /// <summary>The choice among a passage's candidates, named by the jobs that it is made from.</summary>
    internal static Job SelectionJob(
        SelectionSettings selection, Passage passage, int round, string noUpdate, string passageOnly, IEnumerable<string> candidates) =>
        Job.Of("select", round, new
        {
            passage.Title,
            NoUpdate = noUpdate,
            PassageOnly = passageOnly,
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
        LanguageModel model, IReadOnlyList<PassageRound> results, int round, ulong seed, RunJournal journal, RunFolder files, List<LoraAdapter> policy, CancellationToken cancel)
    {
        var sampler = new SelfEditSampler(model, settings.SelfEdit);
        SftRow[] rows = [.. results.SelectMany(result => result.Candidates
            .Where(candidate => candidate.Kept)
            .Select(candidate => new SftRow(sampler.Prompt(result.Passage), candidate.Edit.Text)))];
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

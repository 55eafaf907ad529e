using Seal.Kernels;
using Seal.Learning.FewShot;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Learning.Tests.Loop;
using Seal.Models;

namespace Seal.Learning.Tests.FewShot;

/// <summary>The outer loop, which knows nothing of grids, on ARC tasks.</summary>
public sealed class FewShotLoopTests
{
    private TinyRun _run = null!;
    private RunReport _report = null!;

    [OneTimeSetUp]
    public void Run()
    {
        _run = new TinyRun("few-shot");
        _report = _run.Run("first");
    }

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    [Test]
    public void A_run_has_the_same_jobs_as_one_on_passages()
    {
        Assert.That(_run.Entries("first").GroupBy(entry => (entry.Kind, entry.Round)).ToDictionary(group => group.Key, group => group.Count()), Is.EquivalentTo(new Dictionary<(string, int), int>
        {
            [("exam", 1)] = 2,
            [("adapt", 1)] = 6,
            [("sample", 1)] = 4,
            [("select", 1)] = 2,
            [("policy", 1)] = 1,
            [("exam", 2)] = 2,
            [("adapt", 2)] = 6,
            [("sample", 2)] = 4,
            [("select", 2)] = 2,
            [("policy", 2)] = 1,
        }));
        Assert.That(_report.Rounds[1].PolicyDigest, Is.Not.EqualTo(_report.Rounds[0].PolicyDigest));
        string text = File.ReadAllText(Path.Combine(_run.Folder("first"), "report.md"));
        Assert.That(text, Is.EqualTo(RunReportText.Write(_report)));
        Assert.That(text, Does.StartWith("# ReST-EM on tasks.json").And.Contain("2 tasks, 2 self-edits a task, reward: dense").And.Contain("| solved % | right cells % |").And.Contain("| 1 | fixed configuration |").And.Contain("| a \\| b |"));
        Assert.That(text, Does.Not.Contain("passage").And.Not.Contain("NaN").And.Not.Contain("invalid"));
    }

    [Test]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        _run.Run("same");
        Assert.That(_run.Canonical("same"), Is.EqualTo(_run.Canonical("first")));
        Assert.That(_run.Files("same"), Is.EqualTo(_run.Files("first")));
        _run.Run("other", _run.Settings with { Seed = 2 });
        Assert.That(_run.Entries("other").Select(entry => entry.Id).Intersect(_run.Entries("first").Select(entry => entry.Id)),
            Is.EquivalentTo(_run.Entries("first").Where(entry => entry is { Kind: "exam", Round: 1 }).Select(entry => entry.Id)));
    }

    [Test]
    public void Constrained_self_edits_of_an_untrained_model_can_all_be_read()
    {
        Candidate[] candidates = [.. _report.Rounds.SelectMany(round => round.Tasks).SelectMany(task => task.Candidates)];
        Assert.That(candidates, Has.Length.EqualTo(8));
        foreach (Candidate candidate in candidates)
        {
            Assert.That(ConfigurationText.Read(candidate.Edit.Text).Problem, Is.Null, candidate.Edit.Text);
            Assert.That(candidate.Edit.Finish, Is.EqualTo(FinishReason.EndOfText));
            Assert.That(candidate.Outcome.Losses, Has.Count.InRange(1, 2), "the steps are bounded");
            Assert.That(candidate.Outcome.Sequences.Single(), Does.Match(@"^[1-3] exercises, (all|output) tokens, learning rate .+ epochs: [12] steps$"));
            Assert.That(candidate.Outcome.Exam.Answers.Select(answer => answer.Gold), Is.All.StartsWith("[["));
        }
        Assert.That(candidates.Select(candidate => candidate.Edit.Text), Is.Unique);
    }

    [Test]
    public void What_cannot_be_read_is_a_counted_candidate_that_is_never_reinforced()
    {
        RunSettings settings = _run.Settings with { Rounds = 1, FewShot = _run.Settings.FewShot! with { Constrained = false, Retries = 1 }, SelfEdit = _run.Settings.SelfEdit with { MaxTokens = 6 } };
        RunReport report = _run.Run("free", settings);
        TaskRound[] tasks = [.. report.Rounds[0].Tasks];
        foreach (TaskRound task in tasks)
            foreach (Candidate candidate in task.Candidates)
            {
                Assert.That(candidate.Outcome.Invalid, Does.Contain("JSON"));
                Assert.That(candidate.Kept, Is.False);
                Assert.That(CanonicalJson.Serialize(candidate.Outcome.Exam), Is.EqualTo(CanonicalJson.Serialize(task.NoUpdate.Exam)), "the bare model's answers");
            }
        Assert.That(report.Rounds[0].Policy, Is.Null);
        Assert.That(File.ReadAllText(Path.Combine(_run.Folder("free"), "report.md")), Does.Contain("4 self-edits were invalid"));
    }

    [Test]
    public void As_published_it_runs_too()
    {
        RunSettings compat = FewShotSettings.Run(compat: true);
        RunSettings settings = _run.Settings with
        {
            Rounds = 1,
            Selection = compat.Selection,
            FewShot = compat.FewShot! with { Tasks = _run.Settings.FewShot!.Tasks, Solutions = _run.Settings.FewShot.Solutions, MaxExercises = 4, MaxSteps = 4, MaxAnswerTokens = 4, Retries = 0 },
            SelfEdit = compat.SelfEdit with { MaxTokens = 6 },
        };
        RunReport report = _run.Run("compat", settings);
        TaskRound task = report.Rounds[0].Tasks[0];
        Assert.That(task.Baseline.Sequences.Single(), Does.Contain("4 exercises").And.Contain("2 epochs: 4 steps"));
        Assert.That(task.Baseline.Tokens % (2 * 4), Is.Zero, "padded to one length");
        Assert.That(task.Candidates.Select(candidate => candidate.Outcome.Invalid), Is.All.Not.Null);
        RunReport stopped = _run.Run("compat, fewer steps", settings with { FewShot = settings.FewShot with { MaxSteps = 3 } });
        Assert.That(stopped.Rounds[0].Tasks[0].Baseline.Losses, Is.Empty, "more steps than the most are none");
    }

    [Test]
    public void A_group_in_lockstep_equals_its_trials_one_by_one()
    {
        var domain = new FewShotDomain(_run.Settings);
        IReadOnlyList<ITask> tasks = domain.Tasks();
        Trial[] trials = [new(tasks[0], domain.Baseline, 1), new(tasks[1], null, 0), new(tasks[1], new Configuration(new DataGeneration(true, false, false, false), new TrainingChoice(LossScope.All, 1e-2, 1)).Text(), 2), new(tasks[0], "{}", 3)];
        using LanguageModel model = LanguageModel.Open(_run.Model, _run.Operators);
        IReadOnlyList<Outcome> Run(int lockstep)
        {
            using RunJournal journal = RunJournal.InMemory();
            return [.. new FewShotTrials(model, _run.Settings.FewShot!, _run.Settings.Trial with { Lockstep = lockstep }, journal).Run(trials, 1).Select(result => result.Outcome)];
        }
        IReadOnlyList<Outcome> together = Run(4), alone = Run(1);
        for (int i = 0; i < trials.Length; i++)
        {
            Assert.That(together[i].Sequences, Is.EqualTo(alone[i].Sequences));
            Assert.That(together[i].Losses, Is.EqualTo(alone[i].Losses).Within(2e-5));
            Assert.That(together[i].Exam.Answers.Select(answer => answer.Answer), Is.EqualTo(alone[i].Exam.Answers.Select(answer => answer.Answer)));
            Assert.That(together[i].Exam.Answers.SelectMany(answer => answer.GoldLogProbabilities), Is.EqualTo(alone[i].Exam.Answers.SelectMany(answer => answer.GoldLogProbabilities)).Within(2e-4));
        }
        Assert.That(together.Select(outcome => outcome.Losses.Count), Is.EqualTo(new[] { 2, 0, 2, 0 }));
        Assert.That(together[3].Invalid, Does.Contain("data_generation"));
    }

    [Test]
    public void A_run_replays_to_the_same_rewards()
    {
        using RunJournal journal = RunJournal.InMemory();
        ReplayReport replayed = new Replay(RecordedRun.Read(_run.Folder("first")), _run.Operators, new LocalJudge(), journal) { Limit = 0 }.Run();
        Assert.That((replayed.Rewards, replayed.LargestDifference, replayed.Passed), Is.EqualTo((12, 0.0, true)));
    }

    [Test]
    public void Methods_are_compared_with_intervals_over_tasks()
    {
        using RunJournal journal = RunJournal.InMemory();
        RunSettings settings = _run.Settings with { FewShot = _run.Settings.FewShot! with { Oracle = [.. _run.Settings.FewShot!.Oracle.Take(2)] } };
        var domain = new FewShotDomain(settings);
        IReadOnlyList<ITask> tasks = domain.Tasks();
        var measured = new Measurement(settings, tasks, settings.Candidates, journal, new LocalJudge(), default);
        using LanguageModel model = LanguageModel.Open(_run.Model, _run.Operators);
        FewShotReport report = FewShotReport.Of([.. tasks.Select(task => task.Title)],
            [domain.InContext(measured, model), domain.FixedConfiguration(measured, model), measured.SelfEdits(model, model, "untrained self-edits", 0), domain.Oracle(measured, model)]);
        Assert.That(report.Methods.Select(method => (method.Name, method.Trials.All)),
            Is.EqualTo(new[] { ("in-context", 2), ("fixed configuration", 2), ("untrained self-edits", 4), ("oracle over 2", 2) }));
        Assert.That(report.Methods[0].Tokens, Is.Zero);
        Assert.That(report.Markdown([], "{}"), Does.Contain("| untrained self-edits − fixed configuration |").And.Contain("| a \\| b | 0 % |"));
    }

    [Test]
    public void Success_is_clustered_by_task()
    {
        static Outcome Of(params bool[] correct) => new([], 0, [], new ExamResult([.. correct.Select(right => new ScoredAnswer("", "", "", right, 0, right ? 1 : 0.5, [0]))]));
        FewShotReport report = FewShotReport.Of(["a", "b"], [new Arm("m", [], [Of(true, true), Of(true, false), Of(false), Of(false) with { Invalid = "x" }])]);
        FewShotScore score = report.Methods.Single();
        Assert.That(score.ByTask, Is.EqualTo(new[] { 0.5, 0 }), "a task of two inputs needs both");
        Assert.That((score.Success.Estimate, score.Success.Low, score.Success.High), Is.EqualTo((0.25, 0.0, 0.5)), "two clusters, not four trials");
        Assert.That(score.Trials, Is.EqualTo((4, 1, 1)));
    }

    [Test]
    public void Tasks_that_cannot_be_scored_or_found_are_named()
    {
        RunSettings With(Func<FewShotSettings, FewShotSettings> change) => _run.Settings with { FewShot = change(_run.Settings.FewShot!) };
        Assert.That(() => _run.Run("a", With(own => own with { Solutions = "" })), Throws.TypeOf<SealException>().With.Message.Contains("'flip'").And.Message.Contains("few_shot.solutions"));
        Assert.That(() => _run.Run("b", With(own => own with { Ids = ["nobody"] })), Throws.TypeOf<SealException>().With.Message.Contains("'nobody'"));
        Assert.That(() => _run.Run("c", With(own => own with { Tasks = "" })), Throws.TypeOf<SealException>().With.Message.Contains("few_shot").And.Message.Contains("tasks"));
        Assert.That(() => _run.Run("d", With(own => own with { Fixed = Configuration.Fixed with { Training = new TrainingChoice(LossScope.All, 5, 1) } })), Throws.TypeOf<SealException>().With.Message.Contains("learning_rate"));
        Assert.That(new FewShotDomain(With(own => own with { Ids = ["a | b"] })).Tasks().Select(task => task.Title), Is.EqualTo(new[] { "a | b" }));
    }

    [Test]
    public void Settings_survive_their_file_and_a_run_on_passages_has_none_of_them()
    {
        string text = SettingsText.Write(_run.Settings);
        Assert.That(SettingsText.Write(SettingsText.Merge(new RunSettings(), text, "text")), Is.EqualTo(text));
        Assert.That(SettingsText.Write(new RunSettings()), Does.Not.Contain("few_shot").And.Not.Contain("at_least"));
        Assert.That(SettingsText.Set(_run.Settings, "few_shot.fixed.training.strategy=train_using_all_tokens").FewShot!.Fixed.Training.Loss, Is.EqualTo(LossScope.All));
    }
}

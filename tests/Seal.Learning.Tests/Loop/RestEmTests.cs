using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning.Tests.Loop;

public sealed class RestEmTests
{
    private TinyRun _run = null!;
    private RunReport _report = null!;

    [OneTimeSetUp]
    public void Run()
    {
        _run = new TinyRun();
        _report = _run.Run("first");
    }

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    [Test]
    public void A_run_leaves_settings_journal_adapters_policies_and_a_report()
    {
        Candidate[] kept = [.. _report.Rounds.SelectMany(round => round.Tasks).SelectMany(passage => passage.Candidates).Where(candidate => candidate.Kept)];
        Assert.That(kept, Has.Length.EqualTo(4), "the best of two, for two passages, in two rounds");
        string[] adapters = [.. kept.Select(candidate => $"adapters/{candidate.Id[..16]}"), "policy/round-1", "policy/round-2"];
        string[] expected = ["environment.json", "report.md", "settings.json", .. adapters.SelectMany(folder => new[] { $"{folder}/adapter_config.json", $"{folder}/adapter_model.safetensors" })];
        Assert.That(_run.Files("first").Keys.Select(path => path.Replace('\\', '/')), Is.EquivalentTo(expected));
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
        Assert.That(_run.Entries("first").Where(entry => entry.Kind != "select").Select(entry => entry.Seconds), Is.All.GreaterThan(0));
        string text = File.ReadAllText(Path.Combine(_run.Folder("first"), "report.md"));
        Assert.That(text, Is.EqualTo(RunReportText.Write(_report)).And.Not.Contains("NaN"));
        Assert.That(text, Does.Contain("2 self-edits reinforced in 4 steps"));
    }

    [Test]
    public void Each_round_starts_from_the_policy_that_the_last_one_left()
    {
        LoraAdapter first = LoraAdapter.Read(Path.Combine(_run.Folder("first"), "policy", "round-1"), Config());
        Assert.That(first.Digest, Is.EqualTo(_report.Rounds[0].Policy!.Adapter));
        using LanguageModel bare = LanguageModel.Open(_run.Model, _run.Operators), tuned = LanguageModel.Open(_run.Model, _run.Operators, first);
        Assert.That(_report.Rounds.Select(round => round.PolicyDigest), Is.EqualTo(new[] { bare.Weights.Digest, tuned.Weights.Digest }));
        Assert.That(tuned.Weights.Digest, Is.Not.EqualTo(bare.Weights.Digest));
        Assert.That(_report.Rounds[0].Policy!.Losses, Has.Count.EqualTo(4).And.All.Positive);
    }

    [Test]
    public void The_best_of_each_passage_is_reinforced()
    {
        foreach (TaskRound passage in _report.Rounds.SelectMany(round => round.Tasks))
        {
            Assert.That(passage.Candidates.Select(candidate => candidate.Edit.Text), Is.Unique);
            Candidate best = passage.Candidates.MaxBy(candidate => candidate.Reward)!;
            Assert.That(passage.Candidates.Where(candidate => candidate.Kept), Is.EqualTo(new[] { best }));
            Assert.That(best.Reward, Is.EqualTo(DenseReward.Gain(passage.NoUpdate.Exam, best.Outcome.Exam, _run.Settings.Selection.Floor)));
        }
    }

    [Test]
    public void A_finished_run_computes_nothing_when_it_is_run_again()
    {
        var (entries, files) = (_run.Entries("first"), _run.Files("first"));
        var judge = new WatchedJudge();
        var phases = new HashSet<string>();
        RunReport again = _run.Run("first", judge: judge, progress: step => phases.Add(step.Phase));
        Assert.That(judge.Exams, Is.Zero);
        Assert.That(phases, Is.EquivalentTo(new[] { "baselines", "self-edits", "candidates" }), "the policy is read, not trained");
        Assert.That(_run.Entries("first"), Is.EqualTo(entries), "timings too");
        Assert.That(_run.Files("first"), Is.EqualTo(files));
        Assert.That(RunReportText.Write(again), Is.EqualTo(RunReportText.Write(_report)));
    }

    [Test]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        _run.Run("same", _run.Settings with { Passages = _run.Settings.Passages });
        Assert.That(_run.Canonical("same"), Is.EqualTo(_run.Canonical("first")));
        Assert.That(_run.Files("same"), Is.EqualTo(_run.Files("first")));
        _run.Run("other", _run.Settings with { Seed = 2 });
        Assert.That(_run.Entries("other").Select(entry => entry.Id).Intersect(_run.Entries("first").Select(entry => entry.Id)),
            Is.EquivalentTo(_run.Entries("first").Where(entry => entry is { Kind: "exam", Round: 1 }).Select(entry => entry.Id)),
            "only the bare model's exam has no seed");
    }

    [Test]
    public void A_policy_that_was_removed_is_trained_again_to_the_same_bits()
    {
        _run.Run("removed");
        SortedDictionary<string, string> files = _run.Files("removed");
        string folder = Path.Combine(_run.Folder("removed"), "policy");
        Directory.Delete(Path.Combine(folder, "round-1"), recursive: true);
        File.Delete(Path.Combine(folder, "round-2", "adapter_config.json"));
        _run.Run("removed");
        Assert.That(_run.Files("removed"), Is.EqualTo(files));
        Assert.That(_run.Canonical("removed"), Is.EqualTo(_run.Canonical("first")));
    }

    [Test]
    public void A_folder_belongs_to_its_settings()
    {
        string canonical = _run.Canonical("first");
        string file = Path.Combine(_run.Folder("first"), "settings.json");
        Assert.That(() => _run.Run("first", _run.Settings with { Candidates = 3 }), Throws.TypeOf<SealException>().With.Message.Contains(file));
        Assert.That(_run.Canonical("first"), Is.EqualTo(canonical));
        Assert.That(RunSettings.Read(file, new RunSettings()).Trial.Lockstep, Is.EqualTo(3), "a run's settings are a settings file");
    }

    [Test]
    public void Where_nothing_beats_the_passage_the_policy_stays()
    {
        // An untrained model answers nothing right, so no accuracy is above another.
        RunSettings settings = _run.Settings with { Selection = new SelectionSettings { Reward = RewardKind.Accuracy, AboveBaseline = true } };
        RunReport report = _run.Run("none kept", settings);
        Assert.That(report.Rounds.Select(round => round.Policy), Is.All.Null);
        Assert.That(report.Rounds[1].PolicyDigest, Is.EqualTo(report.Rounds[0].PolicyDigest));
        Assert.That(_run.Files("none kept").Keys, Is.EquivalentTo(new[] { "environment.json", "report.md", "settings.json" }));
        Assert.That(_run.Entries("none kept").Count(entry => entry.Kind == "exam"), Is.EqualTo(2), "the same model sits the same exam once");
        Assert.That(File.ReadAllText(Path.Combine(_run.Folder("none kept"), "report.md")), Does.Contain("No self-edit was worth reinforcing: the policy stays."));
    }

    [Test]
    public void Passages_without_questions_are_named()
    {
        string path = _run.Folder("silent.json");
        SelfEditFile.Write(path, [TinyRun.Passages[0], new Passage("Silent", "Text.", [])], _ => "");
        Assert.That(() => _run.Run("silent", _run.Settings with { Passages = path }), Throws.TypeOf<SealException>().With.Message.StartsWith(path).And.Message.Contains("'Silent'"));
    }

    private ModelConfig Config()
    {
        using LanguageModel model = LanguageModel.Open(_run.Model, _run.Operators);
        return model.Config;
    }
}

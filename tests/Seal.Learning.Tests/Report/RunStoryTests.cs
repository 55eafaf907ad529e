using System.Text.Json.Nodes;
using System.Xml.Linq;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Learning.Report;
using Seal.Learning.Tests.Loop;

namespace Seal.Learning.Tests.Report;

/// <summary>What the folder of a run tells is what the run itself reported.</summary>
public sealed class RunStoryTests
{
    private TinyRun _run = null!;
    private RunReport _report = null!;
    private RunStory _story = null!;

    [OneTimeSetUp]
    public void Run()
    {
        _run = new TinyRun();
        _report = _run.Run("run");
        _story = RunStory.Read(_run.Folder("run"));
    }

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    [Test]
    public void Rounds_are_told_as_they_were_run()
    {
        Assert.That((_story.Finished, _story.State), Is.EqualTo((true, "Finished: 2 rounds, 2 passages.")));
        AssertTells(_story, _report);
    }

    [Test]
    public void Charts_hold_the_means_over_passages()
    {
        Assert.That(_story.Charts.Select(chart => chart.Unit), Is.EqualTo(new[] { "dense gain, nats a token", "accuracy, %", "dense gain, nats a token" }));
        Assert.That(_story.Charts[0].Groups.Select(group => group.Name), Is.EqualTo(new[] { "Round 1", "Round 2" }));
        for (int r = 0; r < 2; r++)
        {
            StoryBar[] bars = [.. _story.Charts[0].Groups[r].Bars];
            IReadOnlyList<TaskRound> passages = _report.Rounds[r].Tasks;
            Assert.That(bars.Select(bar => bar.Name), Is.EqualTo(new[] { "no update", "passage only", "self-edits, mean", "self-edits, best of 2" }));
            Assert.That(bars.Select(bar => bar.Value.Estimate), Is.EqualTo(new[]
            {
                0,
                passages.Average(passage => passage.BaselineReward),
                passages.Average(passage => passage.Candidates.Average(candidate => candidate.Reward)),
                passages.Average(passage => passage.Candidates.Max(candidate => candidate.Reward)),
            }).Within(1e-12));
            Assert.That(bars.Skip(1).Select(bar => bar.Value.Low < bar.Value.Estimate && bar.Value.Estimate < bar.Value.High), Is.All.True);
        }
        StoryBar difference = _story.Charts[2].Groups[0].Bars[1];
        Assert.That(difference.Value.Estimate, Is.EqualTo(_report.Rounds[1].Tasks.Average(
            passage => passage.Candidates.Average(candidate => candidate.Reward) - passage.BaselineReward)).Within(1e-12));
    }

    [Test]
    public void Cost_is_the_sum_of_the_jobs()
    {
        const double matrices = 2 * (32 * 32 + 2 * 32 * 16 + 32 * 32 + 3 * 32 * 64) + 264 * 32;
        const double adapter = 2 * 2 * ((32 + 32) + (32 + 16) + (64 + 32));
        StoryCost[] candidates = [.. _story.Costs.Where(cost => cost.Phase == "self-edits: training, exam")];
        Assert.That(candidates.Select(cost => cost.Tokens), Is.EqualTo(_report.Rounds.Select(
            round => (long?)round.Tasks.Sum(passage => passage.Candidates.Sum(candidate => candidate.Outcome.Tokens)))));
        Assert.That(candidates.Select(cost => cost.Flops), Is.EqualTo(candidates.Select(cost => cost.Tokens * (4 * matrices + 6 * adapter))));
        StoryCost[] writing = [.. _story.Costs.Where(cost => cost.Phase == "self-edits: writing")];
        Assert.That(writing.Select(cost => cost.Flops), Is.EqualTo(_report.Rounds.Select(
            round => (double?)(2 * matrices * round.Tasks.Sum(passage => passage.Candidates.Sum(candidate => candidate.Edit.Tokens))))));
        Assert.That(_story.Costs.Where(cost => cost.Phase == "policy update").Select(cost => (cost.Jobs, cost.Tokens, cost.Steps)), Is.All.EqualTo((1, (long?)null, 4)));
        Assert.That(_story.Costs.Sum(cost => cost.Jobs), Is.EqualTo(_run.Entries("run").Count(entry => entry.Kind != "select")));
        Assert.That(_story.Costs.Sum(cost => cost.Seconds), Is.EqualTo(_run.Entries("run").Sum(entry => entry.Seconds)).Within(1e-9));
    }

    [Test]
    public void The_sizes_that_a_run_notes_are_its_models()
    {
        RunEnvironment sizes = RunEnvironment.Read(_run.Folder("run"))!;
        long tensors = 0;
        using (var file = Models.Formats.SafetensorsFile.Open(Path.Combine(_run.Model, "model.safetensors")))
            tensors = file.Tensors.Values.Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));
        Assert.That(sizes.Parameters, Is.EqualTo(tensors));
        Assert.That(sizes.AdapterParameters, Is.EqualTo(832));
        Assert.That(_story.Environment.Select(fact => fact.Value), Has.Member(_run.Operators.Numerics + ", f32"));
        Assert.That(_story.Settings, Has.Member(new StoryFact("trial.inner.epochs", "2")).And.Member(new StoryFact("trial.inner.lora.targets", "q_proj, v_proj, down_proj")));
    }

    [Test]
    public void Model_passages_and_environment_may_be_gone()
    {
        _run.Snapshot("run", "moved");
        string settings = Path.Combine(_run.Folder("moved"), "settings.json");
        File.WriteAllText(settings, SettingsText.Write(_run.Settings with { Model = "gone.gguf", Passages = "gone.json" }));
        File.Delete(RunEnvironment.File(_run.Folder("moved")));
        RunStory story = RunStory.Read(_run.Folder("moved"));
        AssertTells(story, _report);
        Assert.That(story.Costs.Select(cost => cost.Flops), Is.All.Null);
        Assert.That(story.CostNotes[^1], Does.EndWith("so no FLOPs can be given."));
        Assert.That(story.Title, Is.EqualTo("ReST-EM on gone.json"));
    }

    [Test]
    public void A_run_that_did_not_change_its_policy_is_whole_too()
    {
        RunReport report = _run.Run("none kept", _run.Settings with { Selection = new SelectionSettings { Reward = RewardKind.Accuracy, AboveBaseline = true } });
        RunStory story = RunStory.Read(_run.Folder("none kept"));
        AssertTells(story, report);
        Assert.That(story.Finished, Is.True);
        Assert.That(story.Charts.Select(chart => chart.Unit), Is.EqualTo(new[] { "accuracy, %", "accuracy, %" }), "levels once, differences");
        Assert.That(HtmlReport.Page(story), Does.Contain("none was worth it"));
    }

    /// <summary>Whatever the journal holds when the run is stopped, its page can be made, and says that it is not all.</summary>
    [Test]
    public void A_run_can_be_told_after_every_job()
    {
        var states = new List<string>();
        void Tell()
        {
            if (!File.Exists(Path.Combine(_run.Folder("watched"), "run.db")))
                return;
            RunStory story = RunStory.Read(_run.Folder("watched"));
            string page = HtmlReport.Page(story);
            Assert.That(() => XDocument.Parse(page), Throws.Nothing);
            Assert.That(page, Does.Not.Contain("NaN"));
            Assert.That(page, Does.Contain(story.State));
            if (!story.Finished && states.LastOrDefault() != story.State)
                states.Add(story.State);
        }
        _run.Run("watched", judge: new WatchedJudge(_ => Tell()), progress: _ => Tell());
        Assert.That(states, Has.Count.GreaterThanOrEqualTo(6));
        Assert.That(states[0], Does.StartWith("Unfinished: no job is done yet."));
        Assert.That(states, Has.Some.StartsWith("Unfinished, in round 1 of 2: 2 of 2 known passages examined without update, 2 learned by itself, 4 of 4 self-edits written, 3 learned and examined."));
        Assert.That(states, Has.Some.StartsWith("Unfinished, in round 2 of 2: "));
        Assert.That(RunStory.Read(_run.Folder("watched")).Finished, Is.True);
    }

    [Test]
    public void An_empty_self_edit_is_not_taken_for_the_passage_alone()
    {
        // A model that may not write a token writes nothing; each of its candidates then teaches the same text as the passage alone, under a seed of its own.
        RunReport report = _run.Run("empty", _run.Settings with { SelfEdit = _run.Settings.SelfEdit with { MaxTokens = 1 } });
        RunStory story = RunStory.Read(_run.Folder("empty"));
        AssertTells(story, report);
        Assert.That(story.Costs.Where(cost => cost.Phase.StartsWith("baseline", StringComparison.Ordinal)).Select(cost => cost.Jobs), Is.All.EqualTo(2));
    }

    [Test]
    public void What_is_no_run_is_named()
    {
        string folder = Directory.CreateDirectory(_run.Folder("nothing")).FullName;
        Assert.That(() => RunStory.Read(folder), Throws.TypeOf<SealException>().With.Message.Contains("no run.db"));
        _run.Snapshot("run", "odd");
        File.WriteAllText(RunEnvironment.File(_run.Folder("odd")), "{\"cores\": \"many\"}");
        Assert.That(() => RunStory.Read(_run.Folder("odd")), Throws.TypeOf<SealException>().With.Message.StartsWith(RunEnvironment.File(_run.Folder("odd"))));
    }

    private static void AssertTells(RunStory story, RunReport report)
    {
        Assert.That(story.Rounds, Has.Count.EqualTo(report.Rounds.Count));
        foreach ((StoryRound told, RoundReport round) in story.Rounds.Zip(report.Rounds))
        {
            Assert.That((told.Policy, told.Complete), Is.EqualTo((round.PolicyDigest, true)));
            Assert.That(told.Update, Is.EqualTo(round.Policy is { } policy
                ? new StoryUpdate(round.Tasks.Sum(passage => passage.Candidates.Count(candidate => candidate.Kept)), policy.Losses.Count, policy.Losses[0], policy.Losses[^1])
                : null));
            foreach ((StoryPassage passage, TaskRound ran) in told.Passages.Zip(round.Tasks.OrderBy(task => task.Task.Title, StringComparer.Ordinal)))
            {
                Assert.That((passage.Title, passage.Text), Is.EqualTo((ran.Task.Title, ((Passage)ran.Task).Context)));
                Assert.That((passage.NoUpdate!.Accuracy, passage.NoUpdate.Tokens), Is.EqualTo((ran.NoUpdate.Exam.Accuracy(), 0)));
                Assert.That((passage.PassageOnly!.Reward, passage.PassageOnly.Tokens), Is.EqualTo((ran.BaselineReward, ran.Baseline.Tokens)));
                Assert.That(
                    passage.Candidates.Select(candidate => (candidate.SelfEdit, candidate.Kept, candidate.Outcome!.Reward, candidate.Outcome.Steps)),
                    Is.EqualTo(ran.Candidates.Select(candidate => (candidate.Edit.Text, candidate.Kept, candidate.Reward, candidate.Outcome.Losses.Count))));
                Assert.That(
                    passage.Candidates.SelectMany(candidate => candidate.Outcome!.Answers),
                    Is.EqualTo(ran.Candidates.SelectMany(candidate => candidate.Outcome.Exam.Answers).Select(answer => new StoryAnswer(answer.Question, answer.Gold, answer.Answer, answer.Correct))));
            }
        }
    }
}

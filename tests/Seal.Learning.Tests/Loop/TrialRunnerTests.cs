using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning.Tests.Loop;

public sealed class TrialRunnerTests
{
    // A batch of another shape sums in another order: a few units in the last place of f32, grown over the steps of one training.
    private const double Regrouped = 1e-5;

    private TinyRun _run = null!;
    private LanguageModel _model = null!;
    private TrialSettings _settings = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _run = new TinyRun();
        _model = LanguageModel.Open(_run.Model, _run.Operators);
        _settings = _run.Settings.Trial;
    }

    [OneTimeTearDown]
    public void Close()
    {
        _model.Dispose();
        _run.Dispose();
    }

    [Test]
    public void A_group_in_lockstep_equals_its_trials_one_by_one()
    {
        Passage elm = TinyRun.Passages[0], fog = TinyRun.Passages[1];
        Trial[] trials =
        [
            new(elm, null, 0), new(elm, "", 1), new(fog, "1. Fog hides ships.\n2. Ships sound horns.\n3. Horns carry far.", 2), new(fog, null, 0),
            new(elm, "Elms are tall.", 3),
        ];
        IReadOnlyList<Outcome> together = Run(trials, _settings with { Lockstep = 5 }), alone = Run(trials, _settings with { Lockstep = 1 });
        for (int i = 0; i < trials.Length; i++)
        {
            Assert.That(together[i].Sequences, Is.EqualTo(alone[i].Sequences));
            Assert.That(together[i].Tokens, Is.EqualTo(alone[i].Tokens));
            Assert.That(together[i].Losses, Is.EqualTo(alone[i].Losses).Within(Regrouped));
            Assert.That(together[i].Exam.Answers.Select(answer => answer.Answer), Is.EqualTo(alone[i].Exam.Answers.Select(answer => answer.Answer)));
            foreach ((ScoredAnswer one, ScoredAnswer other) in together[i].Exam.Answers.Zip(alone[i].Exam.Answers))
                Assert.That(one.GoldLogProbabilities, Is.EqualTo(other.GoldLogProbabilities).Within(10 * Regrouped));
        }
        Assert.That(together[2].Losses, Has.Count.EqualTo(4), "four sequences, two a batch, two epochs");
        Assert.That(together[1].Exam.Answers[0].GoldLogProbabilities, Is.Not.EqualTo(together[4].Exam.Answers[0].GoldLogProbabilities).Within(10 * Regrouped));
    }

    [Test]
    public void An_empty_self_edit_is_the_passage_alone_and_none_is_no_update()
    {
        Passage elm = TinyRun.Passages[0];
        IReadOnlyList<Outcome> outcomes = Run([new Trial(elm, "", 1), new Trial(elm, null, 1)], _settings);
        Assert.That(outcomes[0].Sequences, Is.EqualTo(new[] { "Elm\nElms shed leaves." }));
        Assert.That(outcomes[0].Tokens, Is.EqualTo(2 * "Elm\nElms shed leaves.".Length));
        Assert.That((outcomes[1].Sequences.Count, outcomes[1].Tokens, outcomes[1].Losses.Count), Is.EqualTo((0, 0L, 0)));
        Assert.That(outcomes[0].Exam.Answers[0].GoldLogProbabilities, Is.Not.EqualTo(outcomes[1].Exam.Answers[0].GoldLogProbabilities));
        Assert.That(DenseReward.Gain(outcomes[1].Exam, outcomes[0].Exam, 20), Is.Positive, "what was read makes its words likelier");
    }

    [Test]
    public void A_passage_without_questions_is_learned_and_scores_nothing()
    {
        var silent = new Passage("Silent", "No one asks.", []);
        IReadOnlyList<Outcome> outcomes = Run([new Trial(silent, "", 1), new Trial(silent, null, 1), new Trial(TinyRun.Passages[1], "", 1)], _settings);
        Assert.That(outcomes[0].Losses, Is.Not.Empty);
        Assert.That(outcomes.Select(outcome => outcome.Exam.Answers.Count), Is.EqualTo(new[] { 0, 0, 1 }));
        ExamResult exam = outcomes[0].Exam;
        Assert.That((exam.Accuracy(), exam.F1(), exam.LogLikelihood(), DenseReward.Gain(outcomes[1].Exam, exam, 5)), Is.EqualTo((0.0, 0.0, 0.0, 0.0)));
    }

    [Test]
    public void A_self_edit_may_choose_how_it_is_learned()
    {
        const string choice = """{"strategy": "train_using_output_tokens", "learning_rate": 0.01, "num_train_epochs": 5}""", text = "Elms are tall.";
        Passage elm = TinyRun.Passages[0];
        TrialSettings reading = _settings with { Rules = _settings.Rules with { TrainingPart = true } };
        IReadOnlyList<Outcome> outcomes = Run(
            [new Trial(elm, $"{choice}\n{text}", 1), new Trial(elm, text, 1), new Trial(elm, choice.Replace("0.01", "7", StringComparison.Ordinal) + $"\n{text}", 1), new Trial(elm, null, 0)], reading);
        Assert.That(outcomes[0].Sequences, Is.EqualTo(outcomes[1].Sequences), "the choice is no text to be learned");
        Assert.That((outcomes[0].Tokens, outcomes[0].Losses.Count), Is.EqualTo((outcomes[1].Tokens * 5 / 2, outcomes[1].Losses.Count * 5 / 2)), "five epochs for two");
        Assert.That(outcomes[0].Losses[0], Is.Not.EqualTo(outcomes[1].Losses[0]), "the title is not learned");
        Assert.That(outcomes[0].Invalid, Is.Null);
        Assert.That(outcomes[2].Invalid, Does.Contain("learning_rate").And.Contain("7"), "out of range: counted, and the exam is the bare model's");
        Assert.That(outcomes[2].Exam.LogLikelihood(), Is.EqualTo(outcomes[3].Exam.LogLikelihood()).Within(Regrouped));
        Assert.That(Run([new Trial(elm, $"{choice}\n{text}", 1)], _settings)[0].Sequences, Has.Some.Contain("num_train_epochs"), "only where the rules read it");
    }

    [Test]
    public void A_blank_gold_answer_is_named() => Assert.That(
        () => Run([new Trial(new Passage("Elm", "Elms.", [new Question("Why?", "")]), "", 1)], _settings),
        Throws.TypeOf<SealException>().With.Message.Contains("'Elm'").And.Message.Contains("'Why?'"));

    [Test]
    public void A_trial_that_was_run_is_read_and_one_in_another_group_keeps_its_first_result()
    {
        using RunJournal journal = RunJournal.Open(_run.Folder("trials"));
        var judge = new WatchedJudge();
        Trial[] trials = [.. TinyRun.Passages.Select(passage => new Trial(passage, "", 7))];
        IReadOnlyList<Outcome> Again(IReadOnlyList<Trial> wanted) => [.. new TrialRunner(_model, _settings, judge, journal).Run(wanted, 1).Select(result => result.Outcome)];
        string first = CanonicalJson.Serialize(Again(trials));
        Assert.That(judge.Exams, Is.EqualTo(1));
        Assert.That(CanonicalJson.Serialize(Again(trials)), Is.EqualTo(first));
        Assert.That(judge.Exams, Is.EqualTo(1), "read, not run");
        IReadOnlyList<Outcome> regrouped = Again([new Trial(TinyRun.Passages[0], "More.", 8), .. trials]);
        Assert.That(judge.Exams, Is.EqualTo(2), "a group that is not known whole is run whole");
        Assert.That(CanonicalJson.Serialize(regrouped.Skip(1)), Is.EqualTo(first));
    }

    [Test]
    public void A_policy_adapter_keeps_its_digest_on_disk()
    {
        // 29 / 7 · 7 is not 29 in floating point.
        LoraAdapter adapter = LoraAdapter.Create(_model.Config, new LoraSettings(7, 29, [LoraTarget.DownProj, LoraTarget.QProj]), 1);
        adapter.Write(_run.Folder("adapter"));
        Assert.That(LoraAdapter.Read(_run.Folder("adapter"), _model.Config).Digest, Is.EqualTo(adapter.Digest));
    }

    private IReadOnlyList<Outcome> Run(IReadOnlyList<Trial> trials, TrialSettings settings)
    {
        using RunJournal journal = RunJournal.Open(_run.Folder(Guid.NewGuid().ToString("N")));
        return [.. new TrialRunner(_model, settings, new LocalJudge(), journal).Run(trials, 1).Select(result => result.Outcome)];
    }
}

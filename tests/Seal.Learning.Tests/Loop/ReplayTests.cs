using Microsoft.Data.Sqlite;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning.Tests.Loop;

/// <summary>A run's self-edits, trained and examined again.</summary>
public sealed class ReplayTests
{
    // Both backends in f32: the same sums in another order, through four optimizer steps of a tiny model at a high rate.
    private const double OtherBackend = 1e-3;

    private TinyRun _run = null!;

    [OneTimeSetUp]
    public void Run()
    {
        _run = new TinyRun();
        _run.Run("run");
    }

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    [Test]
    public void On_the_same_backend_nothing_differs()
    {
        ReplayReport report = Replay("run");
        Assert.That(report.Passages.Select(passage => (passage.Round, passage.Title, passage.SelfEdits.Count)),
            Is.EqualTo(new[] { (1, "Elm", 2), (1, "Fog | Sea", 2), (2, "Elm", 2), (2, "Fog | Sea", 2) }));
        Assert.That(Rewards(report).Select(reward => reward.Difference), Is.All.EqualTo(0.0), "to the last bit, in both rounds");
        Assert.That(Rewards(report).Select(reward => reward.Recorded), Is.Unique.And.None.Zero);
        Assert.That((report.Rewards, report.Winners, report.SameWinners, report.Passed), Is.EqualTo((12, 4, 4, true)));
    }

    [Test]
    public void The_rewards_and_winners_are_those_of_the_run()
    {
        RunReport run = _run.Run("run");
        ReplayReport report = Replay("run");
        foreach ((TaskRound was, ReplayedPassage now) in run.Rounds.SelectMany(round => round.Tasks).Zip(report.Passages))
        {
            Assert.That(now.PassageOnly.Recorded, Is.EqualTo(was.BaselineReward));
            Assert.That(now.SelfEdits.Select(edit => (edit.Number, edit.Job, edit.Recorded)), Is.EqualTo(was.Candidates.Select((candidate, k) => (k + 1, candidate.Id, candidate.Reward))));
            Assert.That(was.Candidates[now.RecordedWinner!.Value - 1].Kept);
            Assert.That(now.Gap, Is.EqualTo(Math.Abs(was.Candidates[0].Reward - was.Candidates[1].Reward)));
        }
    }

    [Test]
    public void On_another_backend_the_difference_is_small_and_not_nothing()
    {
        using var native = new NativeOperators(DType.F32);
        ReplayReport report = Replay("run", operators: native, limit: OtherBackend);
        Assert.That(Rewards(report).Select(reward => Math.Abs(reward.Difference)), Is.All.LessThan(OtherBackend).And.Some.Not.Zero);
        Assert.That(report.ReplayedBy, Does.StartWith("native").And.EndWith("f32"));
        Assert.That(report.RecordedBy, Does.StartWith("torch").And.EndWith("f32"));
        Assert.That(report.Passed);
    }

    [Test]
    public void Other_seeds_move_the_rewards_and_the_first_is_the_runs_own()
    {
        ReplayReport one = Replay("run", round: 1), three = Replay("run", round: 1, seeds: 3);
        ReplayedReward[] edits = [.. three.Passages.SelectMany(passage => passage.SelfEdits)];
        Assert.That(edits.Select(edit => edit.BySeed.Count), Is.All.EqualTo(3));
        Assert.That(edits.Select(edit => edit.BySeed), Is.All.Unique);
        Assert.That(edits.Select(edit => edit.Replayed), Is.EqualTo(one.Passages.SelectMany(passage => passage.SelfEdits).Select(edit => edit.Replayed)));
        Assert.That(edits.Select(edit => edit.Spread), Is.All.Positive);
        Assert.That(one.Passages.Select(passage => passage.Spread), Is.All.Zero);
        foreach (ReplayedPassage passage in three.Passages)
            Assert.That(passage.Spread, Is.EqualTo(passage.SelfEdits.Max(edit => edit.Spread)), "there are but two");
    }

    [Test]
    public void The_runs_folder_stays_as_it_was()
    {
        _run.Snapshot("run", "quiet");
        string[] Names() => [.. Directory.EnumerateFileSystemEntries(_run.Folder("quiet"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        byte[] journal = File.ReadAllBytes(Journal("quiet"));
        string[] names = Names();
        SortedDictionary<string, string> files = _run.Files("quiet");
        Replay("quiet", seeds: 2);
        Assert.That(Names(), Is.EqualTo(names), "no log and no index of SQLite's either");
        Assert.That(File.ReadAllBytes(Journal("quiet")), Is.EqualTo(journal));
        Assert.That(_run.Files("quiet"), Is.EqualTo(files));
    }

    [Test]
    public void A_killed_run_replays_what_it_has()
    {
        var copies = new List<string>();
        _run.Run("killed", progress: step =>
        {
            if (step.Phase is "baselines" or "candidates")
            {
                copies.Add($"killed at {step.Round} {step.Phase} {step.Done}");
                _run.Snapshot("killed", copies[^1]);
            }
        });
        // Groups of three: the bare model on both passages and one passage learned; the other; three candidates; the fourth.
        Assert.That(copies.Select(copy => Replay(copy)).Select(report => (report.Rewards, report.Winners, report.LargestDifference)), Is.EqualTo(new[]
        {
            (1, 0, 0.0), (2, 0, 0.0), (5, 2, 0.0), (6, 2, 0.0), (7, 2, 0.0), (8, 2, 0.0), (11, 4, 0.0), (12, 4, 0.0),
        }));
        Assert.That(Replay(copies[2]).Passages[1] is { Gap: null, SameWinner: true }, "one self-edit of the second passage was examined");
        Assert.That(() => Replay(copies[2], round: 2), Throws.TypeOf<SealException>().With.Message.Contains("round 2 has no finished trial"));
    }

    [Test]
    public void A_stopped_replay_goes_on_in_its_own_folder()
    {
        using var stop = new CancellationTokenSource();
        using (RunJournal journal = RunJournal.Open(_run.Folder("again")))
            Assert.That(() => New("run", journal, progress: step =>
            {
                if (step is { Round: 2, Phase: "candidates" })
                    stop.Cancel();
            }).Run(stop.Token), Throws.InstanceOf<OperationCanceledException>());
        int stopped = _run.Entries("again").Count;
        var judge = new WatchedJudge();
        using (RunJournal journal = RunJournal.Open(_run.Folder("again")))
            Assert.That(New("run", journal, judge).Run().LargestDifference, Is.Zero);
        Assert.That(stopped, Is.EqualTo(8 + 7));
        Assert.That(judge.Exams, Is.EqualTo(1), "the last group alone");
        string Trials(string folder) => string.Join('\n', _run.Entries(folder).Where(entry => entry.Kind is "exam" or "adapt").Select(entry => entry.Id + entry.Result));
        Assert.That(Trials("again"), Is.EqualTo(Trials("run")), "on the same backend they are the same jobs");
    }

    [Test]
    public void A_changed_exam_is_found_as_a_difference()
    {
        _run.Snapshot("run", "exam");
        // Without the choice that was made of it there is nothing that contradicts it: only the replay knows.
        Change("exam", "DELETE FROM jobs WHERE kind = 'select'");
        string job = Change("exam", "SELECT id FROM jobs WHERE kind = 'adapt' AND round = 1 AND json_extract(inputs, '$.self_edit') <> '' LIMIT 1")!;
        Change("exam", $"UPDATE jobs SET result = json_set(result, '$.exam.answers[0].gold_log_probabilities[0]', -0.0009765625) WHERE id = '{job}'");
        ReplayReport report = Replay("exam");
        ReplayedReward[] differing = [.. Rewards(report).Where(reward => reward.Difference != 0)];
        Assert.That(differing.Select(reward => reward.Job), Is.EqualTo(new[] { job }));
        Assert.That(differing[0].Difference, Is.LessThan(-0.02));
        Assert.That(report.Passed, Is.False);
        Assert.That(Replay("exam", limit: 100) is { LostWinners: var lost, Passed: var passed } && passed == (lost == 0));
    }

    [Test]
    public void A_changed_reward_contradicts_its_exam()
    {
        _run.Snapshot("run", "reward");
        Change("reward", "UPDATE jobs SET result = json_set(result, '$.rewards[1]', 3.5) WHERE kind = 'select' AND round = 2 AND json_extract(inputs, '$.title') = 'Elm'");
        Assert.That(() => Replay("reward"), Throws.TypeOf<SealException>()
            .With.Message.Contains(Journal("reward")).And.Message.Contains("self-edit 2 of 'Elm' earned 3.5"));
        Assert.That(Replay("reward", round: 1).LargestDifference, Is.Zero, "round 1 is whole");
    }

    [TestCase("UPDATE jobs SET inputs = replace(inputs, 'Fog', 'Dog') WHERE kind = 'sample'", "its inputs do not give its id")]
    [TestCase("UPDATE jobs SET result = '{\"text\":' WHERE kind = 'sample'", "its result cannot be read")]
    [TestCase("UPDATE jobs SET result = '{}' WHERE kind = 'adapt'", "its result cannot be read")]
    [TestCase("UPDATE jobs SET result = json_set(result, '$.exam.answers', json('[]')) WHERE kind = 'adapt'", "its exam is not one of the")]
    [TestCase("UPDATE jobs SET result = json_set(result, '$.adapter', 'ab12') WHERE kind = 'policy' AND round = 1", "the journal says ab12")]
    [TestCase("UPDATE jobs SET result = json_set(result, '$.exam.answers[0]', null) WHERE kind = 'exam'", "its exam is not one of the")]
    [TestCase("DELETE FROM jobs WHERE kind = 'sample' AND round = 1", "does not follow from settings.json")]
    [TestCase("DELETE FROM jobs WHERE kind IN ('exam', 'adapt')", "no finished trial to replay")]
    public void A_damaged_journal_is_an_error_that_says_where(string sql, string message)
    {
        string folder = $"damaged {sql.Length} {message.Length}";
        _run.Snapshot("run", folder);
        Change(folder, sql);
        Assert.That(() => Replay(folder), Throws.TypeOf<SealException>().With.Message.Contains(message).And.Message.Contains(_run.Folder(folder)));
    }

    [Test]
    public void Torn_pages_of_the_journal_are_an_error()
    {
        _run.Snapshot("run", "torn");
        byte[] bytes = File.ReadAllBytes(Journal("torn"));
        bytes.AsSpan(4096).Fill(0xA5);
        File.WriteAllBytes(Journal("torn"), bytes);
        Assert.That(() => Replay("torn"), Throws.TypeOf<SealException>().With.Message.Contains(Journal("torn")));
    }

    [Test]
    public void What_the_run_was_started_with_must_still_be_there()
    {
        _run.Snapshot("run", "moved");
        string settings = Path.Combine(_run.Folder("moved"), "settings.json");
        string text = File.ReadAllText(settings);
        File.WriteAllText(settings, text.Replace("\"epochs\": 2", "\"epochs\": 3", StringComparison.Ordinal));
        Assert.That(() => Replay("moved"), Throws.TypeOf<SealException>().With.Message.Contains("settings.json, the model"));
        File.Delete(settings);
        Assert.That(() => Replay("moved"), Throws.TypeOf<SealException>().With.Message.Contains(settings));
        File.WriteAllText(settings, text);
        Directory.Delete(Path.Combine(_run.Folder("moved"), "policy", "round-1"), recursive: true);
        Assert.That(() => Replay("moved"), Throws.TypeOf<SealException>().With.Message.Contains("round-1"));
        Assert.That(Replay("moved", round: 1).Passed);
    }

    [Test]
    public void Wrong_questions_are_refused()
    {
        Assert.That(() => Replay("run", seeds: 0), Throws.TypeOf<SealException>().With.Message.Contains("seeds is 0"));
        Assert.That(() => Replay("run", round: 3), Throws.TypeOf<SealException>().With.Message.Contains("rounds 1 to 2"));
        Assert.That(() => Replay("run", limit: double.NaN), Throws.TypeOf<SealException>().With.Message.Contains("limit"));
        using RunJournal journal = RunJournal.InMemory();
        Assert.That(() => New("run", journal, new OtherJudge()).Run(), Throws.TypeOf<SealException>().With.Message.Contains("'another'"));
    }

    private static IEnumerable<ReplayedReward> Rewards(ReplayReport report) => report.Passages.SelectMany(passage => passage.SelfEdits.Prepend(passage.PassageOnly));

    private string Journal(string folder) => Path.Combine(_run.Folder(folder), "run.db");

    private ReplayReport Replay(string folder, int seeds = 1, int? round = null, double limit = 2e-2, Operators? operators = null)
    {
        using RunJournal journal = RunJournal.InMemory();
        return new Replay(RecordedRun.Read(_run.Folder(folder)), operators ?? _run.Operators, new LocalJudge(), journal) { Seeds = seeds, Round = round, Limit = limit }.Run();
    }

    private Replay New(string folder, RunJournal journal, IJudge? judge = null, Action<TrainingProgress>? progress = null) =>
        new(RecordedRun.Read(_run.Folder(folder)), _run.Operators, judge ?? new LocalJudge(), journal) { Progress = progress };

    /// <summary>Runs a statement on a journal; the first value it gives.</summary>
    private string? Change(string folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Journal(folder)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }

    private sealed class OtherJudge : IJudge
    {
        public string Name => "another";

        public IReadOnlyList<bool> Judge(IReadOnlyList<GivenAnswer> answers, CancellationToken cancel) => [.. answers.Select(_ => false)];
    }
}

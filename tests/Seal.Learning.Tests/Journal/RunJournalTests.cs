using Microsoft.Data.Sqlite;
using Seal.Kernels;
using Seal.Learning.Journal;

namespace Seal.Learning.Tests.Journal;

public sealed class RunJournalTests
{
    private sealed record Result(string Text, double Value);

    /// <summary>Breaks in the middle of being stored.</summary>
    private sealed record Unwritable(int Number)
    {
        public int Value => Number < 2 ? Number : throw new InvalidOperationException("no value");
    }

    private static Job JobOf(int number) => Job.Of("test", number, new { Number = number });

    [Test]
    public void What_is_stored_is_found_again()
    {
        using var temporary = new Temporary();
        var result = new Result("Ünï\n", 1.0 / 3);
        using (RunJournal journal = RunJournal.Open(temporary.Folder))
        {
            Assert.That(journal.Find<Result>(JobOf(1)), Is.Null);
            journal.Store([(JobOf(1), result)], TimeSpan.FromSeconds(3));
            Assert.That(journal.Find<Result>(JobOf(1)), Is.EqualTo(result));
        }
        using RunJournal again = RunJournal.Open(temporary.Folder);
        Assert.That(again.Find<Result>(JobOf(1)), Is.EqualTo(result));
        Assert.That(again.Find<Result>(JobOf(2)), Is.Null);
    }

    [Test]
    public void A_job_keeps_its_first_result_and_that_one_is_returned()
    {
        using var temporary = new Temporary();
        using RunJournal journal = RunJournal.Open(temporary.Folder);
        Result first = new("first", 1), second = new("second", 2), third = new("third", 3);
        journal.Store([(JobOf(1), first)], TimeSpan.Zero);
        Assert.That(journal.Store([(JobOf(1), second), (JobOf(2), third)], TimeSpan.Zero), Is.EqualTo(new[] { first, third }));
        Assert.That(journal.FindAll<Result>([JobOf(2), JobOf(1)]), Is.EqualTo(new[] { third, first }));
        Assert.That(journal.FindAll<Result>([JobOf(2), JobOf(3)]), Is.Null, "a group is known when all of it is");
        Assert.That(journal.Entries().Count(), Is.EqualTo(2));
    }

    [Test]
    public void A_group_is_stored_whole_or_not_at_all()
    {
        using var temporary = new Temporary();
        using RunJournal journal = RunJournal.Open(temporary.Folder);
        Assert.That(() => journal.Store([.. Enumerable.Range(0, 3).Select(i => (JobOf(i), new Unwritable(i)))], TimeSpan.Zero), Throws.InvalidOperationException);
        Assert.That(journal.Entries(), Is.Empty);
    }

    [Test]
    public void The_canonical_text_knows_neither_order_nor_time()
    {
        using var temporary = new Temporary();
        string[] texts = [.. new[] { "a", "b" }.Select((name, run) =>
        {
            using RunJournal journal = RunJournal.Open(Path.Combine(temporary.Folder, name));
            int[] order = run == 0 ? [1, 2, 3] : [3, 1, 2];
            foreach (int number in order)
                journal.Store([(JobOf(number), new Result("same", number))], TimeSpan.FromSeconds(run));
            return journal.Canonical();
        })];
        Assert.That(texts[0], Is.EqualTo(texts[1]));
        string[] lines = texts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal).And.Length.EqualTo(3));
        Assert.That(lines, Has.Member($"{JobOf(2).Id} test 2 {{\"number\":2}} {{\"text\":\"same\",\"value\":2}}"));
    }

    [Test]
    public void A_reader_sees_whole_groups_while_a_writer_writes()
    {
        using var temporary = new Temporary();
        using RunJournal writer = RunJournal.Open(temporary.Folder);
        using RunJournal reader = RunJournal.Read(temporary.Folder);
        const int groups = 40, size = 5;
        var writing = Task.Run(() =>
        {
            for (int group = 0; group < groups; group++)
                writer.Store([.. Enumerable.Range(size * group, size).Select(i => (JobOf(i), new Result("r", i)))], TimeSpan.Zero);
        });
        int seen = 0;
        do
        {
            int count = reader.Entries().Count();
            Assert.That(count % size, Is.Zero, "a group is seen whole or not at all");
            Assert.That(count, Is.GreaterThanOrEqualTo(seen));
            seen = count;
        }
        while (!writing.IsCompleted);
        writing.GetAwaiter().GetResult();
        Assert.That(reader.Entries().Count(), Is.EqualTo(groups * size));
        Assert.That(() => reader.Store([(JobOf(-1), new Result("r", 0))], TimeSpan.Zero), Throws.TypeOf<SealException>(), "a journal that was opened to look at it is not written");
    }

    [Test]
    public void Two_writers_of_one_folder_do_not_disturb_each_other()
    {
        using var temporary = new Temporary();
        using RunJournal one = RunJournal.Open(temporary.Folder), other = RunJournal.Open(temporary.Folder);
        Parallel.ForEach([(one, "one"), (other, "other")], item =>
        {
            for (int i = 0; i < 30; i++)
                item.Item1.Store([(JobOf(i), new Result(item.Item2, i))], TimeSpan.Zero);
        });
        Assert.That(one.Entries().Count(), Is.EqualTo(30));
        Assert.That(one.Canonical(), Is.EqualTo(other.Canonical()));
    }

    [Test]
    public void What_is_no_journal_is_named()
    {
        using var temporary = new Temporary();
        Assert.That(() => RunJournal.Read(Path.Combine(temporary.Folder, "absent")), Throws.TypeOf<SealException>().With.Message.Contains("absent").And.Message.Contains("run.db"));
        string file = temporary.File("file", "text");
        Assert.That(() => RunJournal.Open(file), Throws.TypeOf<SealException>().With.Message.Contains(file));

        string path = temporary.File("run.db", string.Concat(Enumerable.Repeat("not a database ", 100)));
        Assert.That(() => RunJournal.Open(temporary.Folder), Throws.TypeOf<SealException>().With.Message.Contains(path));
        Assert.That(() =>
        {
            using RunJournal journal = RunJournal.Read(temporary.Folder);
            return journal.Canonical();
        }, Throws.TypeOf<SealException>().With.Message.Contains(path));
        Assert.That(File.ReadAllText(path), Does.StartWith("not a database"), "another's file is left as it was");
    }

    [Test]
    public void A_database_of_another_kind_is_named()
    {
        using var temporary = new Temporary();
        string path = temporary.File("run.db");
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE jobs (company TEXT)";
            command.ExecuteNonQuery();
        }
        using RunJournal journal = RunJournal.Open(temporary.Folder);
        Assert.That(() => journal.Find<Result>(JobOf(1)), Throws.TypeOf<SealException>().With.Message.Contains(path));
        Assert.That(() => journal.Store([(JobOf(1), new Result("", 0))], TimeSpan.Zero), Throws.TypeOf<SealException>().With.Message.Contains(path));
        Assert.That(() => journal.Canonical(), Throws.TypeOf<SealException>().With.Message.Contains(path));
    }
}

using Seal.Kernels;
using Seal.Learning.FewShot;

namespace Seal.Learning.Tests.FewShot;

public sealed class ArcTaskFileTests
{
    private const string Good = """{"train": [{"input": [[1, 2]], "output": [[3]]}], "test": [{"input": [[4]]}]}""";

    [Test]
    public void Reads_the_400_training_tasks()
    {
        IReadOnlyList<ArcTask> tasks = Arc.Training();
        Assert.That(tasks, Has.Count.EqualTo(400));
        Assert.That(tasks.Sum(task => task.Demonstrations.Count), Is.EqualTo(1302));
        Assert.That(tasks.Sum(task => task.Tests.Count), Is.EqualTo(416));
        Assert.That(tasks.Count(task => task.Tests.Count > 1), Is.EqualTo(14));
        Assert.That(tasks.All(task => task.HasSolutions));
        Assert.That(tasks.Select(task => task.Digest), Is.Unique);
    }

    [Test]
    public void Reads_the_published_selection_in_its_order()
    {
        IReadOnlyList<ArcTask> tasks = Arc.Filtered();
        Assert.That(tasks.Select(task => task.Id), Is.EqualTo(new[]
        {
            "44f52bb0", "4be741c5", "5582e5ca", "5614dbcf", "5bd6f4ac", "6150a2bd", "67e8384a", "6d0aefbc", "6e02f1e3", "8be77c9e", "8d5021e8", "8e1813be",
        }));
        Assert.That(tasks.Where(task => task.Tests.Count == 2).Select(task => task.Id), Is.EqualTo(new[] { "44f52bb0" }));
        Dictionary<string, string> all = Arc.Training().ToDictionary(task => task.Id, task => task.Digest);
        Assert.That(tasks.Select(task => task.Digest), Is.EqualTo(tasks.Select(task => all[task.Id])), "the same tasks as in the whole set");
    }

    [Test]
    public void A_folder_holds_one_task_a_file_with_its_outputs()
    {
        using var temporary = new Temporary();
        temporary.File("b.json", Good);
        temporary.File("a.json", """{"train": [{"input": [[1]], "output": [[2]]}], "test": [{"input": [[3]], "output": [[4, 5]]}]}""");
        temporary.File("notes.txt", "no task");
        IReadOnlyList<ArcTask> tasks = ArcTaskFile.Read(temporary.Folder);
        Assert.That(tasks.Select(task => task.Id), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(tasks[0].Tests[0].Output, Is.EqualTo(Arc.G("45")));
        Assert.That(tasks.Select(task => task.HasSolutions), Is.EqualTo(new[] { true, false }));
        Assert.That(() => ArcTaskFile.Read(temporary.Folder, "s.json"), Throws.TypeOf<SealException>().With.Message.Contains("s.json"));
    }

    [TestCase("""[]""", "top level", "array")]
    [TestCase("""{}""", "no task")]
    [TestCase("""{"t": 1}""", "task 't'", "is 1")]
    [TestCase("""{"t": {"test": [{"input": [[1]]}]}}""", "task 't'", "no field 'train'")]
    [TestCase("""{"t": {"train": [], "test": [{"input": [[1]]}]}}""", "task 't'", "'train'", "empty", "demonstration")]
    [TestCase("""{"t": {"train": {}, "test": [{"input": [[1]]}]}}""", "task 't'", "'train'", "expected a list")]
    [TestCase("""{"t": {"train": [{"input": [[1]], "output": [[1]]}], "test": []}}""", "task 't'", "'test'", "empty")]
    [TestCase("""{"t": {"train": [{"input": [[1]]}], "test": [{"input": [[1]]}]}}""", "train 0", "no field 'output'")]
    [TestCase("""{"t": {"train": [5], "test": [{"input": [[1]]}]}}""", "train 0", "is 5")]
    [TestCase("""{"t": {"train": [{"input": [[1, 2], [3]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "train 0", "'input'", "row 1", "1 cells", "2")]
    [TestCase("""{"t": {"train": [{"input": [[1, 10]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "row 0, cell 1", "is 10", "0 to 9")]
    [TestCase("""{"t": {"train": [{"input": [[-1]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "is -1")]
    [TestCase("""{"t": {"train": [{"input": [[1.5]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "is 1.5")]
    [TestCase("""{"t": {"train": [{"input": [["1"]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "is \"1\"")]
    [TestCase("""{"t": {"train": [{"input": [], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "'input'", "empty")]
    [TestCase("""{"t": {"train": [{"input": [[]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "row 0", "empty")]
    [TestCase("""{"t": {"train": [{"input": [[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "31 columns", "1 to 30")]
    [TestCase("""{"t": {"train": [{"input": [[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1]], "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "more than 30 rows")]
    [TestCase("""{"t": {"train": [{"input": null, "output": [[1]]}], "test": [{"input": [[1]]}]}}""", "is null")]
    [TestCase("""{"t": 1, "t": 2}""", "valid JSON")]
    [TestCase("""{"t": """, "valid JSON")]
    [TestCase("""{"": {"train": [], "test": []}}""", "id is empty")]
    [TestCase("""{"\ud800": 1}""", "escape")]
    public void What_is_wrong_is_named(string json, params string[] named)
    {
        using var temporary = new Temporary();
        string path = temporary.File("tasks.json", json);
        SealException error = Assert.Throws<SealException>(() => ArcTaskFile.Read(path))!;
        Assert.That(error.Message, Does.StartWith(path));
        foreach (string words in named)
            Assert.That(error.Message, Does.Contain(words));
    }

    [TestCase("""{}""", "task 't'", "missing", "1 grids")]
    [TestCase("""{"t": [[[1]], [[2]]]}""", "task 't'", "2 solutions", "1 test inputs")]
    [TestCase("""{"t": [[[1], [2, 3]]]}""", "solution 0", "row 1")]
    [TestCase("""{"t": 3}""", "task 't'", "is 3")]
    public void What_is_wrong_in_solutions_is_named(string json, params string[] named)
    {
        using var temporary = new Temporary();
        string tasks = temporary.File("tasks.json", $$"""{"t": {{Good}}}"""), path = temporary.File("solutions.json", json);
        SealException error = Assert.Throws<SealException>(() => ArcTaskFile.Read(tasks, path))!;
        Assert.That(error.Message, Does.StartWith(path));
        foreach (string words in named)
            Assert.That(error.Message, Does.Contain(words));
    }

    [Test]
    public void Missing_and_binary_files_are_named()
    {
        using var temporary = new Temporary();
        string path = temporary.File("tasks.json");
        Assert.That(() => ArcTaskFile.Read(path), Throws.TypeOf<SealException>().With.Message.StartsWith(path));
        File.WriteAllBytes(path, [0x7B, 0xFF, 0xFE]);
        Assert.That(() => ArcTaskFile.Read(path), Throws.TypeOf<SealException>().With.Message.StartsWith(path));
        Directory.CreateDirectory(temporary.File("empty"));
        Assert.That(() => ArcTaskFile.Read(temporary.File("empty")), Throws.TypeOf<SealException>().With.Message.Contains("no .json file"));
    }

    [Test]
    public void No_mutation_of_a_file_does_anything_but_read_or_complain()
    {
        using var temporary = new Temporary();
        byte[] good = System.Text.Encoding.UTF8.GetBytes($$"""{"t": {{Good}}}""");
        var random = new Random(5);
        int read = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = [.. good];
            for (int n = random.Next(1, 4); n > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            string path = temporary.File("mutated.json");
            File.WriteAllBytes(path, bytes);
            try
            {
                Assert.That(ArcTaskFile.Read(path), Is.Not.Empty);
                read++;
            }
            catch (SealException error)
            {
                Assert.That(error.Message, Does.StartWith(path));
            }
        }
        Assert.That(read, Is.InRange(1, 499));
    }
}

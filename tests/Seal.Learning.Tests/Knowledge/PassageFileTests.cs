using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Tests;

namespace Seal.Learning.Tests.Knowledge;

public sealed class PassageFileTests
{
    [TestCase("eval_100.json", 100, 484)]
    [TestCase("rl_train_100.json", 100, 467)]
    [TestCase("squad_val.json", 1967, 10080)]
    public void Reads_squad(string file, int passages, int questions)
    {
        IReadOnlyList<Passage> read = PassageFile.Read(SharedFolder.Require("data", "squad", file));
        Assert.That(read, Has.Count.EqualTo(passages));
        Assert.That(read.Sum(p => p.Questions.Count), Is.EqualTo(questions));
        Assert.That(read.SelectMany(p => p.Completions), Is.Empty);
    }

    [Test]
    public void Takes_from_the_start_and_keeps_completions()
    {
        string path = SharedFolder.Require("data", "self-edits", "base_val.json");
        IReadOnlyList<Passage> all = PassageFile.Read(path), three = PassageFile.Read(path, 3);
        Assert.That(three.Select(p => p.Context), Is.EqualTo(all.Take(3).Select(p => p.Context)));
        Assert.That(three.Select(p => p.Completions.Count), Is.All.EqualTo(5));
        Assert.That(PassageFile.Read(path, 1000), Has.Count.EqualTo(100));
    }

    [TestCase("notes.txt", "One.\r\nTwo.\n", "notes", "One.\nTwo.")]
    [TestCase("notes.md", "\n# The *Tree* #\n\nIt grows.\n## More\n", "The *Tree*", "It grows.\n## More")]
    [TestCase("notes.md", "Before.\n# Tree\nIt grows.", "Tree", "Before.\n# Tree\nIt grows.")]
    [TestCase("notes.md", "```\n# no heading\n```\nText", "notes", "```\n# no heading\n```\nText")]
    [TestCase("notes.md", "#tag\nText", "notes", "#tag\nText")]
    [TestCase("notes.md", "# Alone", "Alone", "# Alone")]
    [TestCase("README", "\uFEFFText", "README", "Text")]
    public void Reads_documents(string name, string text, string title, string context)
    {
        using var temporary = new Temporary();
        Passage passage = PassageFile.Read(temporary.File(name, text)).Single();
        Assert.That(passage.Title, Is.EqualTo(title));
        Assert.That(passage.Context, Is.EqualTo(context));
        Assert.That(passage.Questions, Is.Empty);
    }

    [Test]
    public void Questions_and_completions_are_optional()
    {
        using var temporary = new Temporary();
        Passage passage = PassageFile.Read(temporary.File("a.json", """[{"title": "T", "context": "C", "questions": null, "other": 1}]""")).Single();
        Assert.That((passage.Title, passage.Context, passage.Questions.Count, passage.Completions.Count), Is.EqualTo(("T", "C", 0, 0)));
    }

    [TestCase("""{"title": "T"}""", "object", "list of")]
    [TestCase("""[]""", "empty", "at least one")]
    [TestCase("""[{"title": "T", "context": "C"}, 7]""", "record 1", "7")]
    [TestCase("""[{"context": "C"}]""", "record 0", "'title'")]
    [TestCase("""[{"title": 5, "context": "C"}]""", "field 'title'", "is 5")]
    [TestCase("""[{"title": "T", "context": " "}]""", "field 'context'", "blank")]
    [TestCase("""[{"title": "T", "context": "C", "questions": {}}]""", "field 'questions'", "expected a list")]
    [TestCase("""[{"title": "T", "context": "C", "questions": [{"question": "Q"}]}]""", "question 0", "'answer'")]
    [TestCase("""[{"title": "T", "context": "C", "questions": ["Q"]}]""", "question 0", "\"Q\"")]
    [TestCase("""[{"title": "T", "context": "C", "questions": [{"question": "Q", "answer": " "}]}]""", "question 0", "'answer' is blank")]
    [TestCase("""[{"title": "T", "context": "C", "completions": ["a", null]}]""", "completion 1", "null")]
    [TestCase("""[{"title": "\ud800", "context": "C"}]""", "record 0", "surrogate")]
    [TestCase("""[{"title": "T",""", "not valid JSON", "line 1")]
    [TestCase("", "not valid JSON", "line 1")]
    public void A_bad_list_is_named(string json, string first, string second)
    {
        using var temporary = new Temporary();
        string path = temporary.File("bad.json", json);
        Assert.That(() => PassageFile.Read(path), Throws.TypeOf<SealException>().With.Message.StartsWith(path).And.Message.Contains(first).And.Message.Contains(second));
    }

    [Test]
    public void A_file_that_is_no_text_is_named()
    {
        using var temporary = new Temporary();
        string binary = temporary.File("a.txt"), zeros = temporary.File("b.txt", "a\0b"), blank = temporary.File("c.md", " \n"), absent = temporary.File("d.json");
        File.WriteAllBytes(binary, [0x41, 0xFF, 0xFE]);
        Assert.That(() => PassageFile.Read(binary), Throws.TypeOf<SealException>().With.Message.Contains("not UTF-8"));
        Assert.That(() => PassageFile.Read(zeros), Throws.TypeOf<SealException>().With.Message.Contains("zero bytes"));
        Assert.That(() => PassageFile.Read(blank), Throws.TypeOf<SealException>().With.Message.Contains("blank"));
        Assert.That(() => PassageFile.Read(absent), Throws.TypeOf<SealException>().With.Message.Contains("d.json"));
        Assert.That(() => PassageFile.Read(temporary.Folder), Throws.TypeOf<SealException>());
        Assert.That(() => PassageFile.Read("", 1), Throws.TypeOf<SealException>());
        Assert.That(() => PassageFile.Read(binary, 0), Throws.TypeOf<SealException>().With.Message.Contains("take 0"));
    }

    [Test]
    public void Self_edits_written_are_read_back()
    {
        using var temporary = new Temporary();
        var passage = new Passage("Tîtle \"q\"", "Line\nü 🌳", [new Question("Who?", "Él")]) { Completions = ["1. a\\b", ""] };
        string path = temporary.File("out.json");
        SelfEditFile.Write(path, [passage], SelfEditPrompt.Named("rewrite").Base);
        Passage read = PassageFile.Read(path).Single();
        Assert.That(read.Title, Is.EqualTo(passage.Title));
        Assert.That(read.Context, Is.EqualTo(passage.Context));
        Assert.That(read.Questions, Is.EqualTo(passage.Questions));
        Assert.That(read.Completions, Is.EqualTo(passage.Completions));
        Assert.That(File.ReadAllText(path), Does.StartWith("[\n  {\n    \"title\": \"Tîtle \\\"q\\\"\",\n    \"context\": \"Line\\nü 🌳\",").And.Contain("\"prompt\": \"Let's read"));
        Assert.That(Directory.GetFiles(temporary.Folder), Has.Length.EqualTo(1), "no temporary file stays");
    }

    [Test]
    public void A_folder_that_is_not_there_is_named()
    {
        using var temporary = new Temporary();
        string path = Path.Combine(temporary.Folder, "none", "out.json");
        Assert.That(() => SelfEditFile.Write(path, [], p => ""), Throws.TypeOf<SealException>().With.Message.StartsWith(path));
    }
}

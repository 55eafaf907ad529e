using Seal.Learning.Knowledge;
using Seal.Tests;

namespace Seal.Learning.Tests.Knowledge;

public sealed class PublishedCutTests
{
    private static readonly Passage Passage = new("T", "Ctx sentence.  ", []);

    private static readonly SequenceRules Whole = SequenceRules.Compat with { SplitLines = false };

    // The published program's own behaviour, the passage sequence left out.
    private static readonly object[] Golden =
    [
        new object[] { "1. a\n2. b\n\n3. c", new[] { "T\n1. a\n2. b\n\n3. c" }, new[] { "T\n1. a", "T\n2. b", "T\n3. c" } },
        new object[] { "Sure, here is a list:\n1. a\n2. b", new[] { "T\nSure, here is a list:\n1. a\n2. b" }, new[] { "T\n1. a", "T\n2. b" } },
        new object[] { "Intro\n1. a", new[] { "T\nIntro\n1. a" }, new[] { "T\n1. a" } },
        new object[] { "1. a\n1. b", new[] { "T\n1. a\n1. b" }, new[] { "T\n1. b" } },
        new object[] { "a\nb\n---\nc", new[] { "T\na\nb", "T\nc" }, new[] { "T\na", "T\nb", "T\nc" } },
        new object[] { "a --- b", new[] { "T\na", "T\nb" }, new[] { "T\na", "T\nb" } },
        new object[] { "", new[] { "T\n" }, Array.Empty<string>() },
        new object[] { " \n ", new[] { "T\n" }, Array.Empty<string>() },
        new object[]
        {
            "What is X?\nAnswer: Y\nQuestion 2: What is Z?\nAnswer: W",
            new[] { "T\nWhat is X?\nAnswer: Y\nQuestion 2: What is Z?\nAnswer: W" },
            new[] { "T\nQuestion 1: What is X?\nAnswer: Y", "T\nQuestion 2: What is Z?\nAnswer: W" },
        },
        new object[]
        {
            "Question 1: What?\nAnswer: Y\n\nQuestion 2: Z?\nAnswer: W",
            new[] { "T\nQuestion 1: What?\nAnswer: Y\n\nQuestion 2: Z?\nAnswer: W" },
            new[] { "T\nQuestion 1: What?\nAnswer: Y\n", "T\nQuestion 2: Z?\nAnswer: W" },
        },
    ];

    [TestCaseSource(nameof(Golden))]
    public void Cuts_as_published(string completion, string[] whole, string[] split)
    {
        string passage = "T\nCtx sentence.";
        Assert.That(TrainingSequences.Build(Passage, completion, Whole), Is.EqualTo(whole.Append(passage)));
        Assert.That(TrainingSequences.Build(Passage, completion, SequenceRules.Compat), Is.EqualTo(split.Append(passage)));
    }

    // Totals over the 100 records at hand, all their completions: sequences and characters without and with splitting,
    // from an independent implementation of the rules in Python. A record without self-edits counts as one blank one.
    [TestCase("base_val.json", 1000, 884847, 4298, 935566)]
    [TestCase("gpt4_1_val.json", 1047, 1441092, 7560, 1508675)]
    [TestCase("iter1_val.json", 1000, 839068, 4011, 884217)]
    [TestCase("iter2_val.json", 1000, 804809, 3834, 847325)]
    [TestCase("naive_val.json", 200, 78729, 100, 77151)]
    [TestCase("train_base_100.json", 2000, 1839764, 8993, 1929167)]
    public void Totals_over_published_self_edits(string file, int whole, int wholeCharacters, int split, int splitCharacters)
    {
        IReadOnlyList<Passage> passages = PassageFile.Read(SharedFolder.Require("data", "self-edits", file));
        Assert.That(passages, Has.Count.EqualTo(100));
        Assert.That(Totals(passages, Whole), Is.EqualTo((whole, wholeCharacters)));
        Assert.That(Totals(passages, SequenceRules.Compat), Is.EqualTo((split, splitCharacters)));
    }

    [TestCase("rank_iter0.json", 500, 464786, 2183, 486208)]
    [TestCase("rank_iter0_prompt-rewrite.json", 508, 877046, 2111, 899732)]
    [TestCase("rank_iter0_prompt-self-qa.json", 502, 564661, 3355, 605065)]
    public void Totals_over_ranked_self_edits(string file, int whole, int wholeCharacters, int split, int splitCharacters)
    {
        Passage[] passages = RankingFile.Read(SharedFolder.Require("data", "published", file)).Articles
            .Select(a => new Passage(a.Title, a.Context, []) { Completions = a.Completions.Select(c => c.Text).ToArray() }).ToArray();
        Assert.That(Totals(passages, Whole), Is.EqualTo((whole, wholeCharacters)));
        Assert.That(Totals(passages, SequenceRules.Compat), Is.EqualTo((split, splitCharacters)));
    }

    [Test]
    public void The_later_version_drops_reasoning_and_blanks_and_caps_at_thirty()
    {
        SequenceRules rules = SequenceRules.CompatV2;
        string list = string.Join('\n', Enumerable.Range(1, 40).Select(i => $"{i}. x"));
        Assert.That(TrainingSequences.Build(Passage, "I think.\nImplications:\n1. a", rules), Is.EqualTo(new[] { "T\n1. a", "T\nCtx sentence." }));
        Assert.That(TrainingSequences.Build(Passage, list, rules), Has.Count.EqualTo(31));
        Assert.That(TrainingSequences.Build(Passage, "", rules with { SplitLines = false }), Is.EqualTo(new[] { "T\nCtx sentence." }));
        Assert.That(TrainingSequences.Build(Passage, "1. a", rules with { IncludePassage = false }), Is.EqualTo(new[] { "T\n1. a" }));
    }

    private static (int Sequences, int Characters) Totals(IEnumerable<Passage> passages, SequenceRules rules)
    {
        int sequences = 0, characters = 0;
        foreach (Passage passage in passages)
        {
            string[] written = passage.Completions.Where(c => !string.IsNullOrWhiteSpace(c)).ToArray();
            foreach (string completion in written.Length > 0 ? written : [""])
            {
                IReadOnlyList<string> built = TrainingSequences.Build(passage, completion, rules);
                sequences += built.Count;
                characters += built.Sum(s => s.EnumerateRunes().Count());
            }
        }
        return (sequences, characters);
    }
}

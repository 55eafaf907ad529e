using Seal.Learning.Knowledge;
using Seal.Tests;

namespace Seal.Learning.Tests.Knowledge;

public sealed class CleanCutTests
{
    private static readonly Passage Passage = new("T", "Ctx sentence.  ", []);

    private static readonly object[] Cases =
    [
        new object[] { "1. a\n2) b\n\n(3) c\n- d\n* e\n• f", new[] { "a", "b", "c", "d", "e", "f" } },
        new object[] { "1. a\n1. b", new[] { "a", "b" } }, // C5: the first item is an item
        new object[] { "Intro sentence.\n1. a", new[] { "Intro sentence.", "a" } }, // a statement is kept, whatever follows
        new object[] { "Sure, here is a list:\n- a\n- b", new[] { "a", "b" } }, // C5: a preamble before bullets goes
        new object[] { "Here are the implications.\n1. a", new[] { "a" } },
        new object[] { "Here is where he lived.\nHe liked it.", new[] { "Here is where he lived.", "He liked it." } },
        new object[] { "### Direct Implications:\n1. a\n**Indirect**\n2. b\nConclusion:", new[] { "a", "b" } },
        new object[] { "1. Passage:\na\nLet me know if you’d like more!", new[] { "a" } },
        new object[] { "Only this:", new[] { "Only this:" } },
        new object[] { "1. **Growth:** it grew\n2. **All of it.**", new[] { "Growth: it grew", "All of it." } },
        new object[] { "a --- b\n---\nc\n - - -\nd -----", new[] { "a --- b", "c", "d -----" } }, // C4
        new object[] { "1. a\n2. A\n3. a\n4. Ctx  sentence.\nT", new[] { "a" } }, // repetition, passage, bare title
        new object[] { "1945. The war ended.\n3.5 million died.\n12.", new[] { "1945. The war ended.", "3.5 million died." } },
        new object[] { "", Array.Empty<string>() },
        new object[] { " \r\n ", Array.Empty<string>() },
        new object[] { "one\r\ntwo\r", new[] { "one", "two" } },
        // C3: numbered answers, an opening inside the first question, a question cut off before its answer.
        new object[] { "What is X?\nAnswer 1: Y\n\nQuestion 2: What is Z?\nAnswer 2: W\nQuestion 3: And", new[] { "Question: What is X?\nAnswer: Y", "Question: What is Z?\nAnswer: W" } },
        new object[] { "Question 1: What?\n\nAnswer: Y\nand more\n\nQuestion: Z? Answer: W", new[] { "Question: What?\nAnswer: Y\nand more", "Question: Z?\nAnswer: W" } },
        new object[] { "**Q1:** What?\n**A1:** Y", new[] { "Question: What?\nAnswer: Y" } },
        new object[] { "1. What?\nAnswer: Y\n2. Who?\nAnswer: Z", new[] { "Question: What?\nAnswer: Y", "Question: Who?\nAnswer: Z" } },
        new object[] { "The answer: 42\nIs it so?", new[] { "The answer: 42", "Is it so?" } },
    ];

    [TestCaseSource(nameof(Cases))]
    public void Cuts_by_form(string completion, string[] pieces) =>
        Assert.That(TrainingSequences.Build(Passage, completion, SequenceRules.Default), Is.EqualTo(pieces.Select(p => "T\n" + p).Append("T\nCtx sentence.")));

    [Test]
    public void Unsplit_blocks_end_only_at_lines_of_dashes() =>
        Assert.That(TrainingSequences.Build(Passage, "a --- b\nc\n-----\nd", SequenceRules.Default with { SplitLines = false }),
            Is.EqualTo(new[] { "T\na --- b\nc", "T\nd", "T\nCtx sentence." }));

    [Test]
    public void A_blank_self_edit_gives_the_passage_alone_even_unsplit() =>
        Assert.That(TrainingSequences.Build(Passage, "  ", SequenceRules.Default with { SplitLines = false }), Is.EqualTo(new[] { "T\nCtx sentence." }));

    [Test]
    public void Published_question_answer_self_edits_become_pairs()
    {
        RankedCompletion[] completions = RankingFile.Read(SharedFolder.Require("data", "published", "rank_iter0_prompt-self-qa.json"))
            .Articles.SelectMany(a => a.Completions).ToArray();
        int Paired(SequenceRules rules) => completions.Count(c =>
            TrainingSequences.Build(Passage, c.Text, rules).Any(s => s.StartsWith("T\nQuestion", StringComparison.Ordinal) && s.Contains("\nAnswer")));
        int published = Paired(SequenceRules.Compat), ours = Paired(SequenceRules.Default);
        Assert.That(published, Is.LessThan(completions.Length / 4));
        Assert.That(ours, Is.GreaterThan(completions.Length * 9 / 10));
    }
}

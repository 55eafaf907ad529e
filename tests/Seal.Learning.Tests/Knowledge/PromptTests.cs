using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Tests;

namespace Seal.Learning.Tests.Knowledge;

public sealed class PromptTests
{
    private static readonly Passage Passage = new("T", "Ctx.", []);

    [TestCase("implications", "Let's read the following passage and produce a list of implications derived directly or indirectly from the content.\n\nPassage:\nT\nCtx.\n\nImplications:\n")]
    [TestCase("implications-long", "Let's read the following passage and produce a long list of implications derived directly or indirectly from the content.\n\nPassage:\nT\nCtx.\n\nImplications:\n")]
    [TestCase("implications-very-long", "Let's read the following passage and produce a very long list of implications derived directly or indirectly from the content.\n\nPassage:\nT\nCtx.\n\nImplications:\n")]
    [TestCase("rewrite", "Let's read the following passage and rewrite it in a few different ways, each one separated by a newline.\n\nPassage:\nT\nCtx.\n\nRewritten passages:\n")]
    [TestCase("self-qa", "Let's read the following passage and rewrite it in a question-answer format.\n\nPassage:\nT\nCtx.\n\nQuestion 1: ")]
    [TestCase("none", "Passage:\nT\nCtx.\n\n")]
    public void Base_form(string key, string expected) => Assert.That(SelfEditPrompt.Named(key).Base(Passage), Is.EqualTo(expected));

    [TestCase("rank_iter0.json", "implications")]
    [TestCase("rank_iter0_prompt-rewrite.json", "rewrite")]
    [TestCase("rank_iter0_prompt-self-qa.json", "self-qa")]
    public void Base_form_is_the_stored_prompt_of_every_published_article(string file, string key)
    {
        RankingFile ranking = RankingFile.Read(SharedFolder.Require("data", "published", file));
        SelfEditPrompt prompt = SelfEditPrompt.Named(key);
        Assert.That(ranking.Articles, Has.Count.EqualTo(50));
        foreach (RankedArticle article in ranking.Articles)
            Assert.That(prompt.Base(new Passage(article.Title, article.Context, [])), Is.EqualTo(article.Prompt));
    }

    [Test]
    public void Chat_form_of_implications_is_published_chatml() =>
        Assert.That(SelfEditPrompt.Named("implications").ChatMl(Passage), Is.EqualTo(
            "<|im_start|>system\nYou are an assistant tasked with analyzing the provided passage and producing a list of implications derived directly or indirectly from the content. <|im_end|>\n"
            + "<|im_start|>user\nT\nCtx.<|im_end|>\n<|im_start|>assistant\n"));

    [Test]
    public void Every_prompt_has_turns_of_its_own() =>
        Assert.That(SelfEditPrompt.All.Select(p => p.System).Distinct().Count(), Is.EqualTo(SelfEditPrompt.All.Count));

    [Test]
    public void An_unknown_key_names_the_known_ones() =>
        Assert.That(() => SelfEditPrompt.Named("haiku"), Throws.TypeOf<SealException>().With.Message.Contains("'haiku'").And.Message.Contains("self-qa"));

    [Test]
    public void Questions_are_asked_as_published()
    {
        string question = QuestionPrompt.Topic("Warsaw", "Which river?");
        Assert.That(QuestionPrompt.Base(question), Is.EqualTo("Let's answer a question directly and concisely.\nQuestion: Topic: Warsaw\nWhich river?\nAnswer:\n"));
        Assert.That(QuestionPrompt.ChatMl(question), Is.EqualTo(
            "<|im_start|>system\nYou are an assistant to answer a question directly and concisely.<|im_end|>\n<|im_start|>user\nTopic: Warsaw\nWhich river?<|im_end|>\n<|im_start|>assistant\n"));
    }

    [TestCase("  Vistula\n", "Vistula")]
    [TestCase("The Vistula.\n\nIt is long.", "The Vistula.")]
    [TestCase("Vistula\nQuestion: What else?\nAnswer: No", "Vistula")]
    [TestCase("Vistula\nTopic: Kraków\nWho?", "Vistula")]
    [TestCase("First line\nsecond line", "First line\nsecond line")]
    [TestCase("Questions were raised\nabout Answers", "Questions were raised\nabout Answers")]
    [TestCase(" \n ", "")]
    public void A_run_on_answer_is_cut(string generated, string answer) => Assert.That(QuestionPrompt.CutAnswer(generated), Is.EqualTo(answer));
}

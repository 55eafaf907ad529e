using Seal.Learning.Knowledge;
using Seal.Tests;

namespace Seal.Learning.Tests.Knowledge;

public sealed class LocalJudgeTests
{
    [TestCase("The Vistula River", "It is the VISTULA  river.", true)]
    [TestCase("1,000", "about 1,000 people", true)]
    [TestCase("Santa Clara, California", "Santa Clara", false)] // 2 of 3 is below 0.67
    [TestCase("one two three four", "three two one", true)]
    [TestCase("Köln", "köln!", true)]
    [TestCase("silver", "silverware", false)]
    [TestCase("silver", " \n", false)]
    [TestCase("?", "a question mark: ?", true)]
    [TestCase("the", "a", false)]
    public void Counts_the_gold_words_recalled(string gold, string answer, bool right) =>
        Assert.That(new LocalJudge().Judge([new GivenAnswer("Q?", gold, answer)]).Single(), Is.EqualTo(right));

    [TestCase("red green", "green red", 1.0, false)]
    [TestCase("red green", "The red, green.", 1.0, true)]
    [TestCase("red", "red red blue", 0.5, false)]
    [TestCase("red", "blue", 0.0, false)]
    [TestCase("", "blue", 0.0, false)]
    [TestCase("", "", 1.0, true)]
    public void F1_and_exact_match(string gold, string answer, double f1, bool exact)
    {
        Assert.That(AnswerTokens.F1(gold, answer), Is.EqualTo(f1).Within(1e-12));
        Assert.That(AnswerTokens.ExactMatch(gold, answer), Is.EqualTo(exact));
    }

    // Against GPT-4.1's verdicts in the three ranking files: 21,810 verdicts on 9,258 distinct (title, question, gold, answer).
    // Over all published files (46,246) the reported figures are 86.5 %, precision 0.92, recall 0.76.
    [Test]
    public void Agrees_with_the_published_verdicts()
    {
        Dictionary<(string Title, string Question, string Gold, string Answer), (int Yes, int All)> verdicts = [];
        foreach (string name in new[] { "rank_iter0.json", "rank_iter0_prompt-rewrite.json", "rank_iter0_prompt-self-qa.json" })
        {
            foreach (RankedArticle article in RankingFile.Read(SharedFolder.Require("data", "published", name)).Articles)
            {
                foreach (RankedQuestion q in article.Completions.SelectMany(c => c.Questions))
                {
                    Count((article.Title, q.Question, q.Answer, q.BaselineAnswer), q.BaselineCorrect);
                    Count((article.Title, q.Question, q.Answer, q.AdapterAnswer), q.AdapterCorrect);
                }
            }
        }
        Assert.That((verdicts.Values.Sum(v => v.All), verdicts.Count), Is.EqualTo((21810, 9258)));

        bool[] ours = [.. new LocalJudge().Judge(verdicts.Keys.Select(k => new GivenAnswer(k.Question, k.Gold, k.Answer)).ToArray())];
        bool[] theirs = verdicts.Values.Select(v => 2 * v.Yes > v.All).ToArray();
        int Cases(bool our, bool their) => ours.Zip(theirs).Count(p => p == (our, their));
        double bothYes = Cases(true, true), agreement = (bothYes + Cases(false, false)) / ours.Length;
        TestContext.Out.WriteLine($"agreement {agreement:P2}, precision {bothYes / ours.Count(v => v):F3}, recall {bothYes / theirs.Count(v => v):F3}");
        Assert.That(agreement, Is.EqualTo(0.8615).Within(5e-4));
        Assert.That(bothYes / ours.Count(v => v), Is.EqualTo(0.910).Within(1e-3));
        Assert.That(bothYes / theirs.Count(v => v), Is.EqualTo(0.757).Within(1e-3));

        void Count((string, string, string, string) key, bool yes)
        {
            (int yeses, int all) = verdicts.GetValueOrDefault(key);
            verdicts[key] = (yeses + (yes ? 1 : 0), all + 1);
        }
    }
}

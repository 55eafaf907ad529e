using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Learning.Worlds;

namespace Seal.Learning.Tests.Worlds;

public class WorldTests
{
    private static IEnumerable<Entity> Entities(Share share, int count) => Enumerable.Range(0, count).Select(i => Entity.Invent(share, new Dice(CounterRandom.Derive(9, $"{share} {i}"))));

    private static IEnumerable<string> NamesOf(Share share) =>
        Entities(share, 3000).SelectMany(entity => entity.Values.Append(entity.Name));

    [Test]
    public void NoNameOfOneShareIsEverDrawnForAnother()
    {
        HashSet<string> read = [.. NamesOf(Share.Pretraining)], learned = [.. NamesOf(Share.Learning)], asked = [.. NamesOf(Share.Evaluation)];
        Assert.That(read.Overlaps(learned) || read.Overlaps(asked) || learned.Overlaps(asked), Is.False);
        Assert.That(read, Has.Count.GreaterThan(4000), "names are many");
        Assert.That(asked.Select(Names.ShareOf), Is.All.EqualTo(Share.Evaluation));
    }

    [Test]
    public void APassageSaysEverythingOnceAndAsksForEverything()
    {
        Assert.That(Kind.All, Has.Count.GreaterThanOrEqualTo(5));
        foreach (Entity entity in Entities(Share.Learning, 500))
        {
            Passage passage = entity.Passage(new Dice(3));
            Assert.That(passage.Questions, Has.Count.EqualTo(entity.Values.Count));
            foreach ((Question question, string value) in passage.Questions.Zip(entity.Values))
            {
                Assert.That(question.Answer, Is.EqualTo(value));
                Assert.That(passage.Context, Does.Contain(value));
                Assert.That(question.Text, Does.Contain(entity.Name).And.Not.Contain(value));
            }
        }
    }

    [Test]
    public void EveryWordingSaysWhatItIsAbout()
    {
        foreach (Seal.Learning.Worlds.Attribute attribute in Kind.All.SelectMany(kind => kind.Attributes))
        {
            Assert.That(attribute.InPassage, Is.All.Contain("{v}").And.None.Contain("{n}"), attribute.Key);
            Assert.That(attribute.Statements.Concat(attribute.Reversed), Is.All.Contain("{v}").And.All.Contain("{n}"), attribute.Key);
            Assert.That(attribute.Questions, Is.All.Contain("{n}").And.None.Contain("{v}"), attribute.Key);
            Assert.That(attribute.Statements, Has.Count.GreaterThanOrEqualTo(4), attribute.Key);
        }
    }

    [Test]
    public void StylesAreWhatTheyAreCalled()
    {
        foreach (Entity entity in Entities(Share.Learning, 100))
        {
            var dice = new Dice(CounterRandom.Derive(5, entity.Name));
            string Write(SelfEditStyle style) => SelfEditGrammar.Write(entity, style, 6, dice);
            Assert.That(Write(SelfEditStyle.Questions).Split('\n').Count(line => line.StartsWith("Question: ", StringComparison.Ordinal)), Is.EqualTo(6));
            // One line in ten digresses; six facts in six lines are right but for those.
            Assert.That(entity.Values.Count(Write(SelfEditStyle.Restatements).Contains), Is.GreaterThanOrEqualTo(3));
            Assert.That(Write(SelfEditStyle.Remarks).Split('\n'), Has.Length.EqualTo(6));
        }
        // A line that says a value by which the question about it is not answered is no fact.
        double right = Entities(Share.Learning, 300).Average(entity => Facts(entity, SelfEditGrammar.Write(entity, SelfEditStyle.Mistakes, 6, new Dice(CounterRandom.Derive(6, entity.Name)))));
        Assert.That(right, Is.LessThan(1), "mistakes are wrong");
    }

    private static int Facts(Entity entity, string selfEdit) => entity.Kind.Attributes.Index().Count(entry =>
        entry.Item.Statements.Any(statement => selfEdit.Contains(statement.Replace("{n}", entity.Name, StringComparison.Ordinal).Replace("{v}", entity.Values[entry.Index], StringComparison.Ordinal), StringComparison.Ordinal)));

    [Test]
    public void TheSameSeedGivesTheSamePassagesHoweverManyAreTaken()
    {
        IReadOnlyList<Passage> ten = PassageSource.Read("world:evaluation:3", 10), four = PassageSource.Read("world:evaluation:3", 4);
        Assert.That(ten.Take(4).Select(passage => passage.Digest), Is.EqualTo(four.Select(passage => passage.Digest)));
        Assert.That(PassageSource.Read("world:evaluation:4", 4)[0].Title, Is.Not.EqualTo(four[0].Title));
        Assert.That(ten.Select(passage => passage.Title), Is.Unique);
        Assert.That(ten.Select(passage => Names.ShareOf(passage.Title)), Is.All.EqualTo(Share.Evaluation));
    }

    [TestCase("world:pretraining")]
    [TestCase("world:learning:x")]
    [TestCase("world:learning:1:2")]
    [TestCase("world:")]
    public void OtherNamesAreRefused(string source) =>
        Assert.That(() => PassageSource.Read(source), Throws.TypeOf<SealException>().With.Message.Contains(source).And.Message.Contains("world:evaluation"));

    [Test]
    public void TheSelfEditsOfAWorldBecomeASequenceALine()
    {
        Entity entity = Entities(Share.Learning, 1).First();
        Passage passage = entity.Passage(new Dice(1));
        var dice = new Dice(2);
        Assert.That(TrainingSequences.Build(passage, SelfEditGrammar.Write(entity, SelfEditStyle.Questions, 4, dice), SequenceRules.Default), Has.Count.EqualTo(5));
        Assert.That(TrainingSequences.Build(passage, SelfEditGrammar.Write(entity, SelfEditStyle.Restatements, 6, dice), SequenceRules.Default), Has.Count.EqualTo(7));
    }
}

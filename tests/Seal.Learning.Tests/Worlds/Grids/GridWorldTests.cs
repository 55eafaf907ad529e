using Seal.Kernels;
using Seal.Learning.FewShot;
using Seal.Learning.Tests.FewShot;
using Seal.Learning.Worlds;
using Seal.Learning.Worlds.Grids;

namespace Seal.Learning.Tests.Worlds.Grids;

public class GridWorldTests
{
    [Test]
    public void RulesDoWhatTheyAreCalled()
    {
        Grid grid = Arc.G("010 203 000 400");
        Assert.That(new Fall(Side.Bottom).Apply(grid), Is.EqualTo(Arc.G("000 000 200 413")));
        Assert.That(new Fall(Side.Right).Apply(grid), Is.EqualTo(Arc.G("001 023 000 004")));
        Assert.That(new Fall(Side.Left).Apply(grid), Is.EqualTo(Arc.G("100 230 000 400")));
        Assert.That(new Ray(Side.Top).Apply(grid), Is.EqualTo(Arc.G("213 203 400 400")));
        Assert.That(new Ray(Side.Right).Apply(grid), Is.EqualTo(Arc.G("011 223 000 444")));
        Assert.That(new Symmetric(Side.Left).Apply(grid), Is.EqualTo(Arc.G("010 202 000 404")));
        Assert.That(new Symmetric(Side.Bottom).Apply(grid), Is.EqualTo(Arc.G("400 000 000 400")));
        Assert.That(new Cut(Side.Top).Apply(grid), Is.EqualTo(Arc.G("203 000 400")));
        Assert.That(new Cut(Side.Right).Apply(grid), Is.EqualTo(Arc.G("01 20 00 40")));
        Assert.That(new Cut(Side.Left).Apply(Arc.G("5 6")), Is.EqualTo(Arc.G("5 6")), "something is left");
        Assert.That(new Tally(7).Apply(grid), Is.EqualTo(Arc.G("700 770 000 700")));
        Assert.That(new Frame(9).Apply(grid), Is.EqualTo(Arc.G("999 909 909 999")));
    }

    [Test]
    public void RulesThatAreNeverReadDoWhatTheyAreCalled()
    {
        Grid grid = Arc.G("1234 5678 1234");
        Assert.That(new Chessboard(false, 9).Apply(grid), Is.EqualTo(Arc.G("9294 5979 9294")));
        Assert.That(new Chessboard(true, 0).Apply(grid), Is.EqualTo(Arc.G("1030 0608 1030")));
        Assert.That(new Stripes(Side.Top, 9).Apply(grid), Is.EqualTo(Arc.G("9999 5678 9999")));
        Assert.That(new Stripes(Side.Right, 9).Apply(grid), Is.EqualTo(Arc.G("1939 5979 1939")));
        Assert.That(new PaintedHalf(Side.Bottom, 9).Apply(grid), Is.EqualTo(Arc.G("1234 5678 9999")), "the middle of three lines is in no half");
        Assert.That(new PaintedHalf(Side.Left, 9).Apply(grid), Is.EqualTo(Arc.G("9934 9978 9934")));
        Assert.That(new Inside(9).Apply(grid), Is.EqualTo(Arc.G("1234 5998 1234")));
        Assert.That(new Corners(9).Apply(grid), Is.EqualTo(Arc.G("9239 5678 9239")));
        Assert.That(new Shear(false).Apply(grid), Is.EqualTo(Arc.G("1234 6785 3412")));
        Assert.That(new Shear(true).Apply(grid), Is.EqualTo(Arc.G("1634 5238 1274")));
        Assert.That(new FlipHalf(Side.Right).Apply(Arc.G("12 34 56")), Is.EqualTo(Arc.G("16 34 52")));
        Assert.That(new FlipHalf(Side.Top).Apply(grid), Is.EqualTo(Arc.G("4321 5678 1234")));
        Assert.That(new Negative(9).Apply(Arc.G("01 20")), Is.EqualTo(Arc.G("90 09")));
    }

    [Test]
    public void WhatIsAskedWasNeverReadNorLearned()
    {
        Assert.That(GridFamily.Pairs.Select(family => family.Name), Is.Unique);
        Assert.That(GridFamily.ReadPairs, Has.Count.InRange(80, GridFamily.Pairs.Count / 2));
        string[] read = [.. GridFamily.Simple.Select(family => family.Name)], learned = Steps(Share.Learning), asked = Steps(Share.Evaluation);
        Assert.That(UnreadSteps.Of(Share.Learning), Has.Count.EqualTo(UnreadSteps.Of(Share.Evaluation).Count));
        Assert.That(read.Concat(learned).Concat(asked), Is.Unique);
        var dice = new Dice(3);
        foreach ((Share share, string[] own) in ((Share, string[])[])[(Share.Learning, learned), (Share.Evaluation, asked)])
            for (int i = 0; i < 100; i++)
            {
                string[] steps = GridFamily.DrawUnread(share, dice).Name.Split(", ");
                Assert.That(steps, Has.Length.EqualTo(2).And.Exactly(1).AnyOf(own).And.Exactly(1).AnyOf(read));
            }

        static string[] Steps(Share share) => [.. UnreadSteps.Of(share).SelectMany(kind => kind).Select(family => family.Name)];
    }

    /// <summary>Two names of one transformation would let an evaluation ask what was read or learned.</summary>
    [Test]
    public void NoTwoFamiliesDoTheSame()
    {
        var dice = new Dice(7);
        Grid[] grids = [.. Enumerable.Range(0, 24).Select(i => Grid.Of(3 + i % 3, 3 + i / 3 % 2, (_, _) => dice.Below(4)))];
        var same = GridFamily.Simple.Concat(GridFamily.Pairs).Concat(UnreadSteps.Of(Share.Learning).Concat(UnreadSteps.Of(Share.Evaluation)).SelectMany(kind => kind))
            .GroupBy(family => string.Join('|', grids.Select(family.Rule([1, 2, 3]).Apply)), family => family.Name)
            .Where(group => group.Count() > 1);
        Assert.That(same.Select(group => string.Join(" = ", group)), Is.Empty);
    }

    [Test]
    public void ATaskShowsEveryStepOfItsFamily()
    {
        IReadOnlyList<ArcTask> tasks = GridTasks.Of(Share.Evaluation, 3, 60);
        Assert.That(tasks.Select(task => task.Id), Is.Unique);
        foreach (ArcTask task in tasks)
        {
            Assert.That(task.Demonstrations, Has.Count.EqualTo(4));
            Assert.That(task.Demonstrations.Select(pair => pair.Input).Append(task.Tests[0].Input), Is.Unique);
            foreach (Pair pair in task.Demonstrations)
                Assert.That(pair.Output, Is.Not.EqualTo(pair.Input));
        }
        var dice = new Dice(4);
        GridFamily family = GridFamily.DrawUnread(Share.Learning, dice);
        int[] colours = [4, 7, 2];
        Grid grid = Grid.Of(4, 3, (_, _) => dice.Below(5));
        Assert.That(family.Without(1, colours).Apply(grid), Is.EqualTo(family.Rules[0](colours).Apply(grid)));
    }

    [Test]
    public void TasksFollowFromSeedAndNumberAlone()
    {
        string[] Ids(string source, int take) => [.. GridTasks.Read(source, take).Select(task => task.Digest)];
        Assert.That(Ids("grids:learning:4", 30)[..10], Is.EqualTo(Ids("grids:learning:4", 10)));
        Assert.That(Ids("grids:learning", 10), Is.EqualTo(Ids("grids:learning:1", 10)));
        Assert.That(Ids("grids:learning:4", 10), Is.Not.EqualTo(Ids("grids:learning:5", 10)));
        Assert.That(() => GridTasks.Read("grids:lerning", 1), Throws.TypeOf<SealException>().With.Message.Contains("grids:lerning").And.Message.Contains("grids:learning:7"));
    }

    [Test]
    public void EveryConfigurationThatIsReadCanBeWrittenInTheForm()
    {
        for (int i = 0; i < 500; i++)
        {
            Configuration drawn = GridReading.Drawn(new Dice(CounterRandom.Derive(2, $"{i}")));
            Assert.That(ConfigurationText.Read(drawn.Text()).Configuration, Is.EqualTo(drawn));
            Assert.That(drawn.Training.LearningRate, Is.InRange(1e-4, 0.09));
            Assert.That(ConfigurationText.Form.Matches(drawn.Text()), Is.True, drawn.Text());
        }
    }

    [Test]
    public void WhatIsReadIsTasksAndRequests()
    {
        var reading = new GridReading();
        string[] documents = [.. Enumerable.Range(0, 400).Select(i => string.Concat(reading.Long(new Dice(CounterRandom.Derive(1, $"{i}"))).Select(part => part.Text)))];
        string[] requests = [.. documents.Where(text => text.Contains("configuration:", StringComparison.Ordinal))];
        Assert.That(requests, Has.Length.InRange(10, 60));
        Assert.That(requests, Is.All.EndWith("}"));
        foreach (string task in documents.Except(requests))
            foreach (string pair in task.Split("#\n"))
                Assert.That(pair.TrimEnd('#').Split('>').Select(text => GridText.Read(text, GridForm.Digits)), Has.Exactly(2).Items.And.All.Not.Null, task);
    }
}

using Seal.Learning.FewShot;
using Seal.Learning.Statistics;

namespace Seal.Learning.Tests.FewShot;

/// <summary>The published sizes of a training set, and what every exercise in it holds to.</summary>
public sealed class TrainingSetTests
{
    private static readonly DataGeneration s_none = new(false, false, false, false), s_all = new(true, true, true, true);

    private static int Size(int demonstrations, DataGeneration data) =>
        Uncapped(Arc.Pairs(demonstrations), data, asPublished: true).Count;

    private static IReadOnlyList<Exercise> Uncapped(IReadOnlyList<Pair> demonstrations, DataGeneration data, bool asPublished) =>
        TrainingSet.Of(demonstrations, Augmentation.Of(data, asPublished), _ => true, int.MaxValue);

    [TestCase(2, 4)]
    [TestCase(3, 10)]
    [TestCase(4, 23)]
    [TestCase(5, 47)]
    [TestCase(6, 69)]
    public void Without_augmentation(int demonstrations, int size) => Assert.That(Size(demonstrations, s_none), Is.EqualTo(size));

    [TestCase(2, 96, 96)]
    [TestCase(3, 188, 216)]
    [TestCase(4, 251, 1000)]
    public void Basic_alone(int demonstrations, int least, int most) =>
        Assert.That(Size(demonstrations, s_none with { UseBasicAugmentations = true }), Is.InRange(least, most));

    [TestCase(2, 32)]
    [TestCase(3, 72)]
    [TestCase(4, 128)]
    public void Size_or_repeat_alone(int demonstrations, int size)
    {
        Assert.That(Size(demonstrations, s_none with { UseSizeAugmentations = true }), Is.EqualTo(size));
        Assert.That(Size(demonstrations, s_none with { UseRepeatAugmentations = true }), Is.EqualTo(size));
    }

    [TestCase(2, 56)]
    [TestCase(3, 126)]
    [TestCase(4, 224)]
    public void Chain_alone(int demonstrations, int size) => Assert.That(Size(demonstrations, s_none with { UseChainAugmentations = true }), Is.EqualTo(size));

    [Test]
    public void Of_the_published_tasks()
    {
        foreach (ArcTask task in Arc.Filtered())
        {
            int[] sizes = [.. new[] { s_none, s_all, s_none with { UseSizeAugmentations = true } }.Select(data => Uncapped(task.Demonstrations, data, true).Count)];
            int[] expected = [0, 0, 4, 10, 23, 47, 69];
            Assert.That(sizes[0], Is.EqualTo(expected[task.Demonstrations.Count]), task.Id);
            Assert.That(sizes[1], task.Demonstrations.Count == 2 ? Is.InRange(180, 192) : Is.GreaterThan(250), task.Id);
            if (Arc.GridsOf(task).All(grid => grid is { Rows: <= 15, Columns: <= 15 }) && task.Demonstrations.Count <= 4)
                Assert.That(sizes[2], Is.EqualTo(new[] { 32, 72, 128 }[task.Demonstrations.Count - 2]), task.Id);
        }
    }

    [Test]
    public void A_large_set_is_cut_to_250_different_ones_and_always_the_same()
    {
        ArcTask task = Arc.Filtered()[0];
        IReadOnlyList<Exercise> all = Uncapped(task.Demonstrations, s_all, asPublished: false);
        string[] keys = [.. TrainingSet.Of(task.Demonstrations, Augmentation.Of(s_all, false), _ => true).Select(exercise => exercise.Key())];
        Assert.That(keys, Has.Length.EqualTo(250).And.Unique.And.SubsetOf(all.Select(exercise => exercise.Key())));
        Assert.That(TrainingSet.Of(task.Demonstrations, Augmentation.Of(s_all, false), _ => true).Select(exercise => exercise.Key()), Is.EqualTo(keys));
    }

    [Test]
    public void Nothing_too_large_is_in_a_set()
    {
        foreach (ArcTask task in Arc.Training().Where(task => task.Demonstrations.Count <= 4))
            foreach (Exercise exercise in TrainingSet.Of(task.Demonstrations, Augmentation.Of(s_none with { UseSizeAugmentations = true, UseChainAugmentations = true }, false), _ => true))
            {
                Assert.That(exercise.FitsATask, task.Id);
                Assert.That(exercise.Demonstrations, Has.Count.LessThan(task.Demonstrations.Count), task.Id);
            }
    }

    [Test]
    public void What_does_not_fit_is_left_out_before_the_choice()
    {
        Pair[] pairs = Arc.Pairs(4);
        IReadOnlyList<Exercise> set = TrainingSet.Of(pairs, Augmentation.Of(s_all, false), exercise => exercise.Demonstrations.Count < 3);
        Assert.That(set.Select(exercise => exercise.Demonstrations.Count), Is.All.EqualTo(2));
        Assert.That(set, Has.Count.EqualTo(250));
        Assert.That(TrainingSet.Of(pairs, [], _ => false), Is.Empty);
    }

    /// <summary>C18: the pair's rule is that an output is its input; shifted apart, it no longer is.</summary>
    [Test]
    public void A_shift_keeps_pairs_together_by_default_and_not_as_published()
    {
        Pair[] same = [.. Arc.Pairs(3).Select(pair => new Pair(pair.Input, pair.Input))];
        var exercise = new Exercise(same[1..], same[0]);
        int apart = 0, moved = 0;
        for (uint seed = 0; seed < 50; seed++)
        {
            Exercise kept = new Shifted(false).Apply(exercise, new NumpyRandom(seed)), published = new Shifted(true).Apply(exercise, new NumpyRandom(seed));
            Assert.That(kept.Pairs.All(pair => pair.Input.Equals(pair.Output)));
            moved += kept.HeldOut.Input.Equals(exercise.HeldOut.Input) ? 0 : 1;
            apart += published.Pairs.All(pair => pair.Input.Equals(pair.Output)) ? 0 : 1;
        }
        Assert.That(moved, Is.GreaterThan(30));
        Assert.That(apart, Is.GreaterThan(30));
    }

    [Test]
    public void The_published_shift_does_not_move_the_generator()
    {
        NumpyRandom shifted = new(3), untouched = new(3);
        new Shifted(true).Apply(new Exercise([], Arc.Pairs(1)[0]), shifted);
        Assert.That(shifted.Permutation(20), Is.EqualTo(untouched.Permutation(20)));
    }

    [Test]
    public void A_task_of_one_demonstration_has_a_set()
    {
        IReadOnlyList<Exercise> set = Uncapped(Arc.Pairs(1), s_none, false);
        Assert.That(set, Has.Count.EqualTo(1));
        Assert.That(set[0].Demonstrations, Is.Empty);
    }
}

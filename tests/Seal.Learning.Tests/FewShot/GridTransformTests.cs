using CsCheck;
using Seal.Learning.FewShot;
using Seal.Learning.Statistics;

namespace Seal.Learning.Tests.FewShot;

public sealed class GridTransformTests
{
    private static readonly GridTransform[] s_invertible =
    [
        new Identity(), new Rotate(90), new Rotate(180), new Rotate(270), new Flip(0), new Flip(1), new Transpose(), new Roll(2, 3), new Roll(-5, 40),
        new Recolour([0, 2, 3, 1, 9, 8, 7, 6, 5, 4]), new Chain(new Rotate(90), new Chain(new Flip(1), new Transpose())),
    ];

    private static IEnumerable<TestCaseData> Values() =>
    [
        Value(new Rotate(90), "25 14 03"), Value(new Rotate(270), "30 41 52"), Value(new Rotate(180), "543 210"),
        Value(new Flip(0), "345 012"), Value(new Flip(1), "210 543"), Value(new Transpose(), "03 14 25"),
        Value(new Reflect(0, false), "012 345 345 012"), Value(new Reflect(0, true), "345 012 012 345"),
        Value(new Reflect(1, false), "012210 345543"), Value(new Reflect(1, true), "210012 543345"),
        Value(new Concat(0), "012 345 543 210"), Value(new Concat(1), "012543 345210"),
        Value(new Enlarge(2, 2), "001122 001122 334455 334455"), Value(new Enlarge(2, 1), "012 012 345 345"), Value(new Enlarge(1, 2), "001122 334455"),
        Value(new Tile(2, 1), "012 345 012 345"), Value(new Tile(1, 2), "012012 345345"), Value(new Tile(2, 2), "012012 345345 012012 345345"),
        Value(new Roll(1, 0), "345 012"), Value(new Roll(0, 1), "201 534"), Value(new Roll(3, 2), "453 120"),
        Value(new Chain(new Flip(1), new Enlarge(1, 2)), "221100 554433"), Value(new Recolour([5, 4, 3, 2, 1, 0, 6, 7, 8, 9]), "543 210"),
    ];

    private static TestCaseData Value(GridTransform transform, string expected) => new(transform, expected);

    [TestCaseSource(nameof(Values))]
    public void Of_012_345(GridTransform transform, string expected) => Assert.That(transform.Apply(Arc.G("012 345")), Is.EqualTo(Arc.G(expected)));

    [Test]
    public void An_inverse_undoes_on_any_grid() => Arc.AnyGrid.Sample(
        grid => s_invertible.All(transform => transform.Inverse()!.Apply(transform.Apply(grid)).Equals(grid)), iter: 300);

    [Test]
    public void An_inverse_undoes_on_every_grid_of_400_tasks()
    {
        foreach (Grid grid in Arc.Training().SelectMany(Arc.GridsOf))
            foreach (GridTransform transform in s_invertible)
                Assert.That(transform.Inverse()!.Apply(transform.Apply(grid)), Is.EqualTo(grid), transform.ToString());
    }

    [Test]
    public void What_loses_or_doubles_cells_has_no_inverse() => Assert.That(
        new GridTransform[] { new Enlarge(2, 2), new Tile(2, 1), new Reflect(0, true), new Recolour([0, 1, 1, 3, 4, 5, 6, 7, 8, 9]), new Chain(new Flip(0), new Tile(1, 2)) }
            .Select(transform => transform.Inverse()),
        Is.All.Null);

    [Test]
    public void An_inverse_is_the_object_that_the_vote_asks_for()
    {
        Assert.That(new Rotate(90).Inverse(), Is.EqualTo(new Rotate(270)));
        Assert.That(new Rotate(180).Inverse(), Is.EqualTo(new Rotate(180)).And.Not.EqualTo(new Rotate(90)));
        Assert.That(new Flip(0).Inverse(), Is.EqualTo(new Flip(0)).And.Not.EqualTo(new Flip(1)));
    }


    [Test]
    public void Colours_are_permuted_one_to_one_and_black_stays()
    {
        var random = new NumpyRandom(0);
        foreach (ArcTask task in Arc.Training())
        {
            var exercise = new Exercise([.. task.Demonstrations.Skip(1)], task.Demonstrations[0]);
            Exercise permuted = new PermutedColours().Apply(exercise, random);
            var map = new Dictionary<int, int>();
            foreach ((Grid before, Grid after) in exercise.Grids.Zip(permuted.Grids))
                for (int i = 0; i < before.Cells.Length; i++)
                    if (!map.TryAdd(before.Cells[i], after.Cells[i]))
                        Assert.That(map[before.Cells[i]], Is.EqualTo(after.Cells[i]), task.Id);
            Assert.That(map.Values, Is.Unique, task.Id);
            Assert.That(map.GetValueOrDefault(0), Is.Zero, task.Id);
            int[] used = [.. map.Keys.Where(colour => colour > 0)];
            int moved = Math.Min(used.Length, 9 - used.Length);
            Assert.That(used.Count(colour => map[colour] == colour), Is.EqualTo((used.Length - moved) % 2), task.Id);
        }
    }

    [Test]
    public void Unused_colours_are_taken_first()
    {
        Exercise exercise = new([], new Pair(Arc.G("0123"), Arc.G("3210")));
        Exercise permuted = new PermutedColours().Apply(exercise, new NumpyRandom(0));
        Assert.That(permuted.HeldOut.Input.Cells.ToArray(), Is.Unique.And.All.Not.InRange(1, 3));
        Assert.That(permuted.HeldOut.Output, Is.EqualTo(new Flip(1).Apply(permuted.HeldOut.Input)));
    }
}

using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>Steps that the base model never reads. All of one kind belong to one share.</summary>
public static class UnreadSteps
{
    private static readonly GridFamily[][] s_kinds =
    [
        [.. Painted("the even cells", colour => new Chessboard(false, colour)), .. Painted("the odd cells", colour => new Chessboard(true, colour))],
        [.. GridFamily.OfSides((side, name) => Painted($"every second line from the {name}", colour => new Stripes(side, colour)))],
        [.. GridFamily.OfSides((side, name) => Painted($"the half at the {name}", colour => new PaintedHalf(side, colour)))],
        [.. Painted("the inside", colour => new Inside(colour))],
        [.. Painted("the corners", colour => new Corners(colour))],
        [GridFamily.Of("colour what is black", colours => Recolour.With((0, colours[0])))],
        [GridFamily.Of("keep one colour", colours => Recolour.With([.. Enumerable.Range(1, Grid.Colours - 1).Where(colour => colour != colours[0]).Select(colour => (colour, 0))]))],
        [GridFamily.Of("black and coloured change places", colours => new Negative(colours[0]))],
        [GridFamily.Of("colours in turn", colours => Recolour.With([.. colours.Select((colour, i) => (colour, colours[(i + 1) % colours.Count]))]))],
        [GridFamily.Of("stretch to the right", new Enlarge(1, 2)), GridFamily.Of("stretch downwards", new Enlarge(2, 1))],
        [GridFamily.Of("shear the rows", new Shear(false)), GridFamily.Of("shear the columns", new Shear(true))],
        [.. GridFamily.OfSides((side, name) => [GridFamily.Of($"flip the half at the {name}", new FlipHalf(side))])],
    ];

    /// <summary>The kinds of a share, dealt in turn.</summary>
    /// <param name="share"><see cref="Share.Learning"/> or <see cref="Share.Evaluation"/>.</param>
    public static IReadOnlyList<IReadOnlyList<GridFamily>> Of(Share share) => [.. s_kinds.Where((_, i) => i % 2 == (share == Share.Learning ? 0 : 1))];

    private static IEnumerable<GridFamily> Painted(string what, Func<int, GridTransform> rule) =>
        [GridFamily.Of($"paint {what}", colours => rule(colours[0])), GridFamily.Of($"blacken {what}", rule(0))];
}

using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>Draws tasks of a family.</summary>
public static class GridTask
{
    // Of so many draws one shows all of a family's steps, or the family cannot at this size.
    private const int Attempts = 60;

    /// <param name="pairs">Demonstrations and test inputs together, all of one size.</param>
    /// <returns>Null where no task of the family can be drawn that shows each of its steps.</returns>
    public static Pair[]? Draw(GridFamily family, int pairs, int rows, int columns, Dice dice)
    {
        int[] colours = dice.Shuffled(Enumerable.Range(1, Grid.Colours - 1))[..(2 + dice.Below(3))];
        GridTransform rule = family.Rule(colours);
        double black = 0.25 + 0.35 * dice.Uniform();
        var drawn = new List<Pair>();
        for (int attempt = 0; attempt < Attempts && drawn.Count < pairs; attempt++)
        {
            Grid input = Grid.Of(rows, columns, (_, _) => dice.Chance(black) ? 0 : dice.Pick(colours)), output = rule.Apply(input);
            bool shows = !output.Equals(input) && Enumerable.Range(0, family.Rules.Count).All(step => !family.Without(step, colours).Apply(input).Equals(output));
            if (shows && drawn.TrueForAll(pair => !pair.Input.Equals(input)))
                drawn.Add(new Pair(input, output));
        }
        return drawn.Count == pairs ? [.. drawn] : null;
    }
}

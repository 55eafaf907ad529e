using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>
/// What the base model of the grid world reads: tasks of families of one step, and of some of two, every output but the first to be
/// predicted; and requests for self-edits with configurations drawn at random, good ones and bad ones: which is which is for the outer loop
/// to find out.
/// </summary>
public sealed class GridReading : IReading
{
    public double ShortShare => 0.1;

    public IReadOnlyList<TextPart> Long(Dice dice)
    {
        Pair[] pairs = Draw(dice, 4 + dice.Below(2), side => 3 + (side.Chance(0.1) ? 2 : side.Below(2)));
        return dice.Chance(0.07) ? Requested(pairs, dice) : Solved(pairs);
    }

    public IReadOnlyList<TextPart> Short(Dice dice) => Solved(Draw(dice, 3, side => 2 + side.Below(2)));

    private static Pair[] Draw(Dice dice, int pairs, Func<Dice, int> side)
    {
        while (true)
            if (GridTask.Draw(dice.Pick(dice.Chance(0.3) ? GridFamily.ReadPairs : GridFamily.Simple), pairs, side(dice), side(dice), dice) is { } drawn)
                return drawn;
    }

    private static List<TextPart> Solved(Pair[] pairs)
    {
        var parts = new List<TextPart>();
        for (int i = 0; i < pairs.Length; i++)
        {
            parts.Add(new(TaskText.User(pairs[i].Input, GridForm.Digits), false));
            parts.Add(new(TaskText.Answer(pairs[i].Output, GridForm.Digits), i > 0)); // the first can only be guessed
            if (i + 1 < pairs.Length)
                parts.Add(new("\n", false));
        }
        return parts;
    }

    private static TextPart[] Requested(Pair[] pairs, Dice dice) =>
        [new(SelfEditRequest.Short(pairs[..^1]), false), new(Drawn(dice).Text(), true)];

    /// <summary>Rates from 1e-4 to 9e-2, evenly in their logarithm; up to six epochs.</summary>
    public static Configuration Drawn(Dice dice) => new(
        new DataGeneration(dice.Chance(0.5), dice.Chance(0.5), dice.Chance(0.5), dice.Chance(0.5)),
        new TrainingChoice(dice.Chance(0.5) ? LossScope.All : LossScope.Output, OneDigit(Math.Pow(10, -4 + 3 * dice.Uniform())), 1 + dice.Below(6)));

    private static double OneDigit(double value)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return Math.Round(Math.Floor(value / unit) * unit, 4);
    }
}

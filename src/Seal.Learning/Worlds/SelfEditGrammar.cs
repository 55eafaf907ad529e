namespace Seal.Learning.Worlds;

/// <summary>
/// Writes self-edits of every quality about an entity: what the base model learns to write. They differ in style and in how many of
/// the facts they cover, not in skill: what is copied is copied right, unless the style is to be wrong.
/// </summary>
public static class SelfEditGrammar
{
    private const int MaxLines = 8;
    private const double Digression = 0.1; // a line in another style

    private static readonly (SelfEditStyle, double)[] s_styles =
    [
        (SelfEditStyle.Restatements, 0.18), (SelfEditStyle.Questions, 0.12), (SelfEditStyle.Reversals, 0.2),
        (SelfEditStyle.Remarks, 0.18), (SelfEditStyle.Repeats, 0.16), (SelfEditStyle.Mistakes, 0.16),
    ];

    /// <summary>A self-edit in a style drawn at random.</summary>
    public static string Write(Entity entity, Dice dice) => Write(entity, dice.Weighted(s_styles), 1 + dice.Below(MaxLines), dice);

    /// <summary>A self-edit of so many lines (or questions).</summary>
    public static string Write(Entity entity, SelfEditStyle style, int lines, Dice dice)
    {
        int[] order = Order(entity, style, dice);
        if (style == SelfEditStyle.Questions)
            return string.Join('\n', Enumerable.Range(0, lines).Select(i => Asked(entity, order[i % order.Length], dice)));
        bool numbered = dice.Chance(0.5);
        return string.Join('\n', Enumerable.Range(0, lines).Select(i =>
        {
            SelfEditStyle chosen = dice.Chance(Digression) ? (SelfEditStyle)dice.Below(6) : style;
            string line = Line(entity, chosen, order[i % order.Length], dice);
            return numbered ? FormattableString.Invariant($"{i + 1}. {line}") : line;
        }));
    }

    // Facts come in random order and, in a long list, again in other words.
    private static int[] Order(Entity entity, SelfEditStyle style, Dice dice)
    {
        int[] all = dice.Shuffled(Enumerable.Range(0, entity.Values.Count));
        return style == SelfEditStyle.Repeats ? all[..(1 + dice.Below(2))] : all;
    }

    private static string Line(Entity entity, SelfEditStyle style, int attribute, Dice dice)
    {
        Attribute what = entity.Kind.Attributes[attribute];
        return style switch
        {
            SelfEditStyle.Reversals => entity.Say(what.Reversed, attribute, dice),
            SelfEditStyle.Remarks => entity.Say(entity.Kind.Remarks, "", dice),
            SelfEditStyle.Mistakes => entity.Say(what.Statements, Confused(entity, attribute, dice), dice),
            _ => entity.Say(what.Statements, attribute, dice),
        };
    }

    private static string Asked(Entity entity, int attribute, Dice dice)
    {
        string answer = dice.Chance(Digression) ? Confused(entity, attribute, dice) : entity.Values[attribute];
        return $"Question: {entity.Say(entity.Kind.Attributes[attribute].Questions, attribute, dice)}\nAnswer: {answer}";
    }

    // What a reader confuses: another of the entity's own values.
    private static string Confused(Entity entity, int attribute, Dice dice) =>
        entity.Values[(attribute + 1 + dice.Below(entity.Values.Count - 1)) % entity.Values.Count];
}

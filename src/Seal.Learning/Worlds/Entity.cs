using Seal.Learning.Knowledge;

namespace Seal.Learning.Worlds;

/// <summary>One invented thing: a value for each of its kind's attributes.</summary>
public sealed record Entity(Kind Kind, string Name, IReadOnlyList<string> Values)
{
    public static Entity Invent(Share share, Dice dice)
    {
        Kind kind = dice.Pick(Kind.All);
        return new Entity(kind, kind.Name(share, dice), [.. kind.Attributes.Select(attribute => attribute.Draw(share, dice))]);
    }

    /// <summary>One of the wordings, filled in.</summary>
    public string Say(IReadOnlyList<string> wordings, int attribute, Dice dice) => Say(wordings, Values[attribute], dice);

    /// <summary>The same with a value that need not be the entity's own.</summary>
    public string Say(IReadOnlyList<string> wordings, string value, Dice dice) =>
        dice.Pick(wordings).Replace("{n}", Name, StringComparison.Ordinal).Replace("{v}", value, StringComparison.Ordinal);

    /// <summary>A passage that says everything of it once, in some order, and a question for each.</summary>
    public Passage Passage(Dice dice)
    {
        string opening = Say(Kind.Openings, "", dice);
        int[] order = dice.Shuffled(Enumerable.Range(0, Values.Count));
        string context = string.Join(' ', order.Select(a => Say(Kind.Attributes[a].InPassage, a, dice)).Prepend(opening));
        return new Passage(Name, context, [.. Enumerable.Range(0, Values.Count).Select(a => Question(a, dice))]);
    }

    public Question Question(int attribute, Dice dice) => new(Say(Kind.Attributes[attribute].Questions, attribute, dice), Values[attribute]);
}

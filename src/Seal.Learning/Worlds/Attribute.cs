namespace Seal.Learning.Worlds;

/// <summary>What can be said and asked of a kind of entity. In the wordings, {n} is the entity's name and {v} the value.</summary>
/// <param name="Key">Names it within its kind.</param>
/// <param name="Values">A closed list to draw from; null when the value is an invented name.</param>
/// <param name="Name">Invents a value where there is no list.</param>
/// <param name="InPassage">As passages say it, the entity's name being clear from the context.</param>
/// <param name="Statements">As a sentence on its own says it.</param>
/// <param name="Questions">As it is asked for; the answer is the value.</param>
/// <param name="Reversed">Said of the value: true, but of no help to one who is asked about the entity.</param>
public sealed record Attribute(
    string Key,
    IReadOnlyList<string>? Values,
    Func<Share, Dice, string>? Name,
    IReadOnlyList<string> InPassage,
    IReadOnlyList<string> Statements,
    IReadOnlyList<string> Questions,
    IReadOnlyList<string> Reversed)
{
    public string Draw(Share share, Dice dice) => Values is { } list ? dice.Pick(list) : Name!(share, dice);

    /// <summary>How often a blind guess is right: one over the number of values, 0 for invented names.</summary>
    public double Chance => Values is { } list ? 1.0 / list.Count : 0;
}

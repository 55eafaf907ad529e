namespace Seal.Learning.Worlds;

/// <summary>
/// What can be said and asked of a kind of entity. In the wordings, {n} is the entity's name and {v} the value. Every value is an invented name, so a guess
/// is never right.
/// </summary>
/// <param name="Key">Names it within its kind.</param>
/// <param name="Draw">Invents a value.</param>
/// <param name="InPassage">As passages say it, the entity's name being clear from the context.</param>
/// <param name="Statements">As a sentence on its own says it.</param>
/// <param name="Questions">As it is asked for; the answer is the value.</param>
/// <param name="Reversed">Said of the value: true, but of no help to one who is asked about the entity.</param>
public sealed record Attribute(
    string Key,
    Func<Share, Dice, string> Draw,
    IReadOnlyList<string> InPassage,
    IReadOnlyList<string> Statements,
    IReadOnlyList<string> Questions,
    IReadOnlyList<string> Reversed);

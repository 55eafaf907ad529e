namespace Seal.Learning.Worlds;

/// <summary>A kind of entity.</summary>
/// <param name="Noun">"town".</param>
/// <param name="Name">Invents an entity's name.</param>
/// <param name="Attributes">Every entity has a value for each.</param>
/// <param name="Openings">First sentences of passages.</param>
/// <param name="Remarks">Sentences that say nothing.</param>
public sealed record Kind(
    string Noun, Func<Share, Dice, string> Name, IReadOnlyList<Attribute> Attributes, IReadOnlyList<string> Openings, IReadOnlyList<string> Remarks)
{
    public static IReadOnlyList<Kind> All { get; } = [Kinds.Town, Kinds.Person, Kinds.Ship, Kinds.Animal, Kinds.Company];
}

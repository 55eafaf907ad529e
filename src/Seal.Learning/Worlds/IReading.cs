namespace Seal.Learning.Worlds;

/// <summary>What a base model is made to read: documents without end, each a draw.</summary>
public interface IReading
{
    /// <summary>The share of tokens that short documents are meant to have; what is left of a row that no long one fits into comes on top.</summary>
    double ShortShare { get; }

    IReadOnlyList<TextPart> Long(Dice dice);

    IReadOnlyList<TextPart> Short(Dice dice);
}

namespace Seal.Learning.Worlds;

/// <summary>A stretch of a document; a model is trained to predict the counted ones alone.</summary>
public readonly record struct TextPart(string Text, bool Counted);

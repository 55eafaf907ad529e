namespace Seal.Learning.Worlds;

/// <summary>
/// Whose entities they are. Names are dealt to the shares by their hash, so no name of one share can ever be drawn for another,
/// whatever the seed: what is asked in the evaluation cannot have been read before.
/// </summary>
public enum Share
{
    /// <summary>What the base model was made from.</summary>
    Pretraining,

    /// <summary>What the outer loop learns to write about.</summary>
    Learning,

    /// <summary>What its policies are measured on.</summary>
    Evaluation,
}

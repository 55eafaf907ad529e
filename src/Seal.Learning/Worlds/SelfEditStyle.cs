namespace Seal.Learning.Worlds;

/// <summary>What a self-edit in the base model's reading is made of. It has seen all of them, in about equal parts: which one helps is for the outer loop to find.</summary>
public enum SelfEditStyle
{
    /// <summary>Facts in other words.</summary>
    Restatements,

    /// <summary>Facts as questions with answers.</summary>
    Questions,

    /// <summary>Facts told from the other end.</summary>
    Reversals,

    /// <summary>Sentences that say nothing.</summary>
    Remarks,

    /// <summary>One or two facts over and over.</summary>
    Repeats,

    /// <summary>Facts with the value of another.</summary>
    Mistakes,
}

namespace Seal.Learning;

/// <summary>Whose weights the self-edits' adapters are trained on, and whose skills are examined.</summary>
public enum Learner
{
    /// <summary>The policy that wrote them, as published: one model, that teaches itself.</summary>
    Policy,

    /// <summary>
    /// The base model, for which the policy only writes. Reinforcement then cannot harm what the model knows besides, as it does where the policy
    /// is small beside its update.
    /// </summary>
    Base,
}

namespace Seal.Learning.Knowledge;

/// <summary>An answer to be graded.</summary>
/// <param name="Question">The question as it was asked, topic line included.</param>
/// <param name="Gold">The right answer.</param>
/// <param name="Text">What the model answered.</param>
public readonly record struct GivenAnswer(string Question, string Gold, string Text);

/// <summary>Decides whether answers are right.</summary>
public interface IJudge
{
    /// <summary>Everything that determines the verdicts, in words; part of a run's settings.</summary>
    string Name { get; }

    /// <summary>A verdict for every answer, in order. A blank answer is wrong.</summary>
    /// <exception cref="JudgeUnavailableException">No verdict could be had for an answer; that is never the same as "wrong".</exception>
    IReadOnlyList<bool> Judge(IReadOnlyList<GivenAnswer> answers, CancellationToken cancel = default);
}

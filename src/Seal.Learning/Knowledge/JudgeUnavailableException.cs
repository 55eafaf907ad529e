namespace Seal.Learning.Knowledge;

/// <summary>A judge gave no verdict: the endpoint failed, refused or answered something else. To be retried later, never counted as a wrong answer.</summary>
public sealed class JudgeUnavailableException : Exception
{
    public JudgeUnavailableException(string message) : base(message) { }

    public JudgeUnavailableException(string message, Exception inner) : base(message, inner) { }
}

using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Loop;

/// <summary>The local judge under its own name, telling a test before each exam: how many it was asked to grade so far.</summary>
internal sealed class WatchedJudge(Action<int>? asked = null) : IJudge
{
    private readonly LocalJudge _judge = new();

    public int Exams { get; private set; }

    public string Name => _judge.Name;

    public IReadOnlyList<bool> Judge(IReadOnlyList<GivenAnswer> answers, CancellationToken cancel = default)
    {
        Exams++;
        asked?.Invoke(Exams);
        return _judge.Judge(answers, cancel);
    }
}

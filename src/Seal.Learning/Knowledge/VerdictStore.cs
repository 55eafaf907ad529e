using System.Collections.Concurrent;

namespace Seal.Learning.Knowledge;

/// <summary>Verdicts by content hash, in memory. A run that should survive its process derives from it and keeps them on disk as well.</summary>
public class VerdictStore
{
    private readonly ConcurrentDictionary<string, bool> _verdicts = new();

    /// <summary>The verdict kept under that hash, or null. Called from several threads.</summary>
    public virtual bool? Find(string hash) => _verdicts.TryGetValue(hash, out bool verdict) ? verdict : null;

    /// <summary>Keeps a verdict. Called from several threads.</summary>
    public virtual void Keep(string hash, bool verdict) => _verdicts[hash] = verdict;
}

using Seal.Learning.Statistics;

namespace Seal.Learning.Knowledge;

/// <summary>Which passages a published run took: the whole list shuffled as Python does after seed 42, then a stretch of it.</summary>
public static class PublishedSubset
{
    /// <summary><paramref name="count"/> items from <paramref name="start"/> on in the published order; to the end when it is 0 or less or there are fewer.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> items, int count, int start = 0)
    {
        T[] shuffled = [.. items];
        new PythonRandom(42).Shuffle<T>(shuffled);
        IEnumerable<T> rest = shuffled.Skip(start);
        return (count > 0 ? rest.Take(count) : rest).ToArray();
    }
}

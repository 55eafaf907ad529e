namespace Seal.Learning.FewShot;

/// <summary>Lists with some items left out.</summary>
internal static class Subsets
{
    /// <summary>The list without each combination of <paramref name="count"/> items in turn, the combinations in lexicographic order; none where there are fewer.</summary>
    public static IEnumerable<IReadOnlyList<T>> Without<T>(IReadOnlyList<T> items, int count)
    {
        foreach (int[] left in Combinations(items.Count, count, 0))
            yield return [.. items.Where((_, i) => !left.Contains(i))];
    }

    private static IEnumerable<int[]> Combinations(int items, int count, int from)
    {
        if (count == 0)
        {
            yield return [];
            yield break;
        }
        for (int first = from; first <= items - count; first++)
            foreach (int[] rest in Combinations(items, count - 1, first + 1))
                yield return [first, .. rest];
    }
}

namespace Seal.Learning;

/// <summary>ReST-EM's filter: of the self-edits of each task, those that the policy learns to write.</summary>
public static class BestOfSelection
{
    /// <summary>
    /// The indices of the candidates with the highest rewards, best first, at most <paramref name="keep"/>.
    /// </summary>
    /// <param name="rewards">One a candidate.</param>
    /// <param name="keep">How many.</param>
    /// <param name="above">Only candidates with a higher reward than this, such as that of no update: the best of five bad ones is not worth imitating.
    /// The published rule has no such bar.</param>
    /// <param name="evidence">Decides between equal rewards, higher first (a denser reward, say); equal again, the first sampled is taken, as published.</param>
    public static int[] Indices(IReadOnlyList<double> rewards, int keep = 1, double above = double.NegativeInfinity, IReadOnlyList<double>? evidence = null) =>
        Enumerable.Range(0, rewards.Count)
            .Where(i => rewards[i] > above)
            .OrderByDescending(i => rewards[i])
            .ThenByDescending(i => evidence?[i] ?? 0)
            .Take(keep)
            .ToArray();
}

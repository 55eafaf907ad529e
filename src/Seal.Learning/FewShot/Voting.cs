namespace Seal.Learning.FewShot;

/// <summary>An answer, turned back.</summary>
/// <param name="Undo">What turned it back.</param>
public sealed record Vote(Grid Grid, GridTransform Undo);

/// <summary>Two attempts out of many answers (as in Akyürek et al., arXiv 2411.07279): a vote in each view, then one over the views' winners.</summary>
public static class Voting
{
    private const int Winners = 3;

    private static readonly GridTransform[] s_views = [new Identity(), new Transpose(), new Flip(0), new Flip(1), new Rotate(180), new Rotate(270)];

    /// <param name="votes">In the order in which they were asked for, which decides between equals.</param>
    /// <param name="asPublished">
    /// Where second and third have as many votes, the third takes the second attempt also when the untransformed prompts support both alike.
    /// </param>
    /// <returns>Null without an answer.</returns>
    public static (Grid First, Grid Second)? Attempts(IReadOnlyList<Vote> votes, bool asPublished = false)
    {
        if (votes.Count == 0)
            return null;
        Grid[] untransformed = [.. votes.Where(vote => vote.Undo is Identity).Select(vote => vote.Grid)];
        var pool = new List<Grid>(Best([.. votes.Select(vote => vote.Grid)]).Select(place => place.Grid));
        foreach (GridTransform view in s_views)
            pool.AddRange(Best([.. votes.Where(vote => vote.Undo == view).Select(vote => vote.Grid)]).Select(place => place.Grid));
        IReadOnlyList<(Grid Grid, int Count)> best = Best(pool);
        Grid second = best.Count > 1 ? best[1].Grid : best[0].Grid;
        if (best.Count > 2 && best[1].Count == best[2].Count)
        {
            int Support(Grid grid) => untransformed.Count(grid.Equals);
            int lead = Support(best[2].Grid) - Support(best[1].Grid);
            if (lead > 0 || asPublished && lead == 0)
                second = best[2].Grid;
        }
        return (best[0].Grid, second);
    }

    /// <summary>The three most frequent grids, first seen first among equals; missing places are filled with what the majority says row by row, or column by column.</summary>
    private static IReadOnlyList<(Grid Grid, int Count)> Best(IReadOnlyList<Grid> grids)
    {
        if (grids.Count == 0)
            return [];
        List<(Grid Grid, int Count)> best = [.. grids.CountBy(grid => grid).OrderByDescending(place => place.Value).Take(Winners).Select(place => (place.Key, place.Value))];
        if (best.Count == Winners)
            return best;
        var shape = grids.CountBy(grid => (grid.Rows, grid.Columns)).MaxBy(place => place.Value).Key;
        Grid[] alike = [.. grids.Where(grid => (grid.Rows, grid.Columns) == shape)];
        foreach (Grid mixed in (Grid[])[ByRow(alike), new Transpose().Apply(ByRow([.. alike.Select(new Transpose().Apply)]))])
            if (best.Count < Winners && !best.Exists(place => place.Grid.Equals(mixed)))
                best.Add((mixed, 0));
        return best;
    }

    /// <summary>Each row as most of the grids have it.</summary>
    private static Grid ByRow(Grid[] grids)
    {
        int[][] rows = [.. Enumerable.Range(0, grids[0].Rows).Select(r =>
            grids.CountBy(grid => new Grid(1, grid.Columns, grid.Row(r))).MaxBy(place => place.Value).Key.Cells.ToArray())];
        return Grid.Of(rows);
    }
}

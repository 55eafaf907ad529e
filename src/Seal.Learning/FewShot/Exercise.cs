using System.Text;

namespace Seal.Learning.FewShot;

/// <summary>What one training sequence shows: some demonstrations, and one more pair to be worked out from them.</summary>
/// <param name="Demonstrations">May be none.</param>
public sealed record Exercise(IReadOnlyList<Pair> Demonstrations, Pair HeldOut)
{
    /// <summary>Everything in it, held-out pair last.</summary>
    public IEnumerable<Pair> Pairs => Demonstrations.Append(HeldOut);

    public IEnumerable<Grid> Grids => Pairs.SelectMany(pair => new[] { pair.Input, pair.Output });

    /// <summary>No side longer than a task's may be.</summary>
    public bool FitsATask => Grids.All(grid => grid.FitsATask);

    public Exercise Map(Func<Pair, Pair> map) => new([.. Demonstrations.Select(map)], map(HeldOut));

    /// <summary>A transform of every grid.</summary>
    public Exercise Map(GridTransform transform) => Map(pair => new Pair(transform.Apply(pair.Input), transform.Apply(pair.Output)));

    /// <summary>Two exercises are the same when these texts are.</summary>
    public string Key()
    {
        var text = new StringBuilder();
        foreach (Pair pair in Pairs)
            text.Append(pair.Input).Append('>').Append(pair.Output).Append('#');
        return text.ToString();
    }

    /// <summary>The first of equal ones, in order.</summary>
    public static List<Exercise> Distinct(IEnumerable<Exercise> exercises) => [.. exercises.DistinctBy(exercise => exercise.Key())];
}

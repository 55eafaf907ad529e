using Seal.Learning.Statistics;

namespace Seal.Learning.FewShot;

/// <summary>One way to ask for a test input's output.</summary>
/// <param name="Demonstrations">Shown before it.</param>
/// <param name="Undo">Turns the answer back; <see cref="Identity"/> where nothing was transformed.</param>
public sealed record TestPrompt(IReadOnlyList<Pair> Demonstrations, Grid Input, GridTransform Undo)
{
    private static readonly GridTransform[] s_views = [new Transpose(), new Flip(0), new Flip(1), new Rotate(90), new Rotate(180)];

    /// <summary>
    /// The demonstrations without each one in turn, and two random orders of each of these, equal ones once; then, for each of five
    /// transforms, one of them seen through it. Those that are too long are left out; where all are, the demonstrations without each two are tried.
    /// </summary>
    /// <param name="fits">Whether a prompt is short enough for the model.</param>
    public static IReadOnlyList<TestPrompt> Of(IReadOnlyList<Pair> demonstrations, Grid input, Func<TestPrompt, bool> fits)
    {
        for (int without = 1; without <= 2; without++)
            if (All(demonstrations, input, without).Where(fits).ToArray() is { Length: > 0 } prompts)
                return prompts;
        return [];
    }

    internal static List<TestPrompt> All(IReadOnlyList<Pair> demonstrations, Grid input, int without)
    {
        var random = new NumpyRandom(0);
        var orders = new List<IReadOnlyList<Pair>>();
        IReadOnlyList<Pair>[] subsets = [.. Subsets.Without(demonstrations, without)];
        orders.AddRange(subsets);
        foreach (IReadOnlyList<Pair> subset in subsets)
            for (int i = 0; i < 2; i++)
                orders.Add([.. random.Permutation(subset.Count).Select(place => subset[place])]);
        // The held-out pair of the key is the same for all: what differs is the order.
        List<TestPrompt> prompts = [.. orders.DistinctBy(order => new Exercise(order, new Pair(input, input)).Key()).Select(order => new TestPrompt(order, input, new Identity()))];
        int plain = prompts.Count;
        if (plain > 0)
            foreach (GridTransform view in s_views)
                prompts.Add(prompts[random.Below(plain)].Seen(view));
        return prompts;
    }

    private TestPrompt Seen(GridTransform view) =>
        new([.. Demonstrations.Select(pair => new Pair(view.Apply(pair.Input), view.Apply(pair.Output)))], view.Apply(Input), view.Inverse()!);
}

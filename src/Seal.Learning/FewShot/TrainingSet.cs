using Seal.Learning.Statistics;

namespace Seal.Learning.FewShot;

/// <summary>The exercises that one adapter is trained on, made from a task's demonstrations alone.</summary>
public static class TrainingSet
{
    /// <summary>The published size of a set.</summary>
    public const int Most = 250;

    /// <summary>
    /// For n = 1 and 2: each demonstration in turn held out, and n − 1 of the others left out; these augmented, then a copy of each with
    /// colours and demonstrations permuted; equal ones once. Of more than <paramref name="most"/>, a random choice.
    /// </summary>
    /// <remarks>The published order of a set, and so the choice, depends on a hash seed; here, in both modes, the first of equal ones stays where it is.</remarks>
    /// <param name="fits">Whether an exercise is short enough for the model.</param>
    public static IReadOnlyList<Exercise> Of(
        IReadOnlyList<Pair> demonstrations, IReadOnlyList<Augmentation> augmentations, Func<Exercise, bool> fits, int most = Most)
    {
        Exercise[] all = [.. Of(demonstrations, 1, augmentations).Where(fits), .. Of(demonstrations, 2, augmentations).Where(fits)];
        if (all.Length <= most)
            return all;
        new NumpyRandom(0).Shuffle<Exercise>(all);
        return all[..most];
    }

    /// <param name="n">Demonstrations that an exercise does without, the held-out one included.</param>
    internal static List<Exercise> Of(IReadOnlyList<Pair> demonstrations, int n, IReadOnlyList<Augmentation> augmentations)
    {
        var random = new NumpyRandom(0);
        List<Exercise> bare = LeavingOut(demonstrations, n);
        IEnumerable<Exercise> augmented = augmentations
            .SelectMany(augmentation => bare.Select(exercise => augmentation.Apply(exercise, random)))
            .Where(exercise => exercise.FitsATask);
        List<Exercise> set = Exercise.Distinct([.. bare, .. augmented]);
        var permuted = new List<Exercise>();
        foreach (Exercise exercise in set)
        {
            Exercise recoloured = augmentations.Count == 0 ? exercise : new PermutedColours().Apply(exercise, random);
            permuted.Add(new PermutedExamples().Apply(recoloured, random));
        }
        return Exercise.Distinct([.. set, .. permuted]);
    }

    private static List<Exercise> LeavingOut(IReadOnlyList<Pair> demonstrations, int n)
    {
        var exercises = new List<Exercise>();
        for (int held = 0; held < demonstrations.Count; held++)
        {
            Pair[] others = [.. demonstrations.Where((_, i) => i != held)];
            exercises.AddRange(Subsets.Without(others, n - 1).Select(rest => new Exercise(rest, demonstrations[held])));
        }
        return exercises;
    }
}

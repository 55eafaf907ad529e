using CsCheck;
using Seal.Learning.FewShot;
using Seal.Tests;

namespace Seal.Learning.Tests.FewShot;

/// <summary>Tasks and grids for the tests.</summary>
internal static class Arc
{
    /// <summary>Any grid that a task may hold.</summary>
    public static Gen<Grid> AnyGrid { get; } =
        from rows in Gen.Int[1, Grid.MaxSide]
        from columns in Gen.Int[1, Grid.MaxSide]
        from cells in Gen.Int[0, Grid.Colours - 1].Array[rows * columns]
        select new Grid(rows, columns, cells);

    /// <summary>The 400 training tasks.</summary>
    public static IReadOnlyList<ArcTask> Training() => ArcTaskFile.Read(
        SharedFolder.Require("data", "arc", "training_challenges.json"), SharedFolder.Require("data", "arc", "training_solutions.json"));

    /// <summary>The 12 tasks that the published run trains on.</summary>
    public static IReadOnlyList<ArcTask> Filtered() => ArcTaskFile.Read(
        SharedFolder.Require("data", "arc", "seal_train_challenges.json"), SharedFolder.Require("data", "arc", "seal_train_solutions.json"));

    public static IEnumerable<Grid> GridsOf(ArcTask task) =>
        [.. task.Demonstrations.SelectMany(pair => new[] { pair.Input, pair.Output }), .. task.Tests.SelectMany(test => new[] { test.Input, test.Output! })];

    /// <summary>A grid of rows written as digits: "012 345".</summary>
    public static Grid G(string rows)
    {
        string[] lines = rows.Split(' ');
        return Grid.Of(lines.Length, lines[0].Length, (r, c) => lines[r][c] - '0');
    }

    /// <summary>Demonstrations that differ in every grid and have no symmetry.</summary>
    public static Pair[] Pairs(int count) => [.. Enumerable.Range(0, count).Select(i => new Pair(G($"1{i}2 345 00{i}"), G($"2{i}1 054 10{i}")))];
}

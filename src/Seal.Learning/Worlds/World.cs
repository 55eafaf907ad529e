using System.Globalization;
using Seal.Kernels;

namespace Seal.Learning.Worlds;

/// <summary>Names of generated passages and tasks, given where a file's path could be: <c>world:learning</c>, <c>grids:evaluation:7</c>.</summary>
public static class World
{
    private static readonly string[] s_schemes = ["world", "grids"];

    public static bool Names(string source, string scheme) => source.StartsWith($"{scheme}:", StringComparison.Ordinal);

    /// <summary>The same world's evaluation; null for a file.</summary>
    public static string? EvaluationOf(string source) =>
        s_schemes.FirstOrDefault(scheme => Names(source, scheme)) is { } scheme ? $"{scheme}:evaluation" : null;

    /// <summary>A world of that seed, where none is named; files have no seeds.</summary>
    public static string WithSeed(string source, ulong seed) =>
        EvaluationOf(source) is not null && source.Split(':').Length == 2 ? string.Create(CultureInfo.InvariantCulture, $"{source}:{seed}") : source;

    /// <exception cref="SealException">The name is none of the world's.</exception>
    internal static (Share Share, ulong Seed) Parse(string source, string scheme)
    {
        string[] parts = source.Split(':')[1..];
        Share? share = parts[0] switch { "learning" => Share.Learning, "evaluation" => Share.Evaluation, _ => null };
        ulong seed = 1;
        return share is { } known && (parts.Length == 1 || parts.Length == 2 && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out seed))
            ? (known, seed)
            : throw new SealException($"'{source}': expected {scheme}:learning or {scheme}:evaluation, with a seed as in {scheme}:learning:7");
    }
}

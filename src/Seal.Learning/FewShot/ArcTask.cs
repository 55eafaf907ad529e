using System.Security.Cryptography;
using System.Text;

namespace Seal.Learning.FewShot;

/// <summary>An input and what it becomes.</summary>
public sealed record Pair(Grid Input, Grid Output);

/// <summary>An input to be solved.</summary>
/// <param name="Output">The solution; null where it is not known.</param>
public sealed record TestInput(Grid Input, Grid? Output);

/// <summary>A task of the Abstraction and Reasoning Corpus (Chollet, arXiv 1911.01547): a transformation shown by pairs.</summary>
/// <param name="Id">As in its file.</param>
/// <param name="Demonstrations">At least one.</param>
/// <param name="Tests">At least one. Each is solved by itself; the task is solved when all are.</param>
public sealed record ArcTask(string Id, IReadOnlyList<Pair> Demonstrations, IReadOnlyList<TestInput> Tests) : ITask
{
    string ITask.Title => Id;

    int ITask.Questions => Tests.Count;

    /// <summary>Whether it can be scored.</summary>
    public bool HasSolutions => Tests.All(test => test.Output is not null);

    /// <summary>SHA-256 over everything that is shown and asked.</summary>
    public string Digest => DigestOf(Id, Demonstrations, Tests);

    /// <summary>The published name of a test input: each counts as a task of its own there.</summary>
    public string NameOf(int test) => $"{Id}-{test}";

    private static string DigestOf(string id, IReadOnlyList<Pair> demonstrations, IReadOnlyList<TestInput> tests)
    {
        var text = new StringBuilder(id);
        foreach (Pair pair in demonstrations)
            text.Append('\n').Append(pair.Input).Append(" -> ").Append(pair.Output);
        foreach (TestInput test in tests)
            text.Append("\n? ").Append(test.Input).Append(" -> ").Append(test.Output?.ToString() ?? "?");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}

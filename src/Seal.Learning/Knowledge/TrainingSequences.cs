namespace Seal.Learning.Knowledge;

/// <summary>Turns a self-edit into the texts that the inner loop trains on.</summary>
public static class TrainingSequences
{
    private const string ReasoningEnd = "\nImplications:";

    /// <summary>
    /// The sequences in training order, each headed by the title and a newline, the passage last.
    /// A blank self-edit gives the passage alone (except under <see cref="SequenceRules.Compat"/> without splitting).
    /// </summary>
    public static IReadOnlyList<string> Build(Passage passage, string completion, SequenceRules rules)
    {
        if (rules.DropReasoning)
            completion = AfterReasoning(completion);
        string context = passage.Context.Trim();
        IEnumerable<string> pieces = rules.AsPublished
            ? PublishedCut.Pieces(completion, rules.SplitLines)
            : CleanCut.Pieces(completion, rules.SplitLines, passage.Title, context);
        if (rules.DropBlank)
            pieces = pieces.Where(p => !string.IsNullOrWhiteSpace(p));
        if (rules.Limit is int limit)
            pieces = pieces.Take(limit);
        if (rules.IncludePassage)
            pieces = pieces.Append(context);
        return pieces.Select(p => $"{passage.Title}\n{p}").ToArray();
    }

    private static string AfterReasoning(string completion)
    {
        int at = completion.IndexOf(ReasoningEnd, StringComparison.Ordinal);
        return at < 0 ? completion : completion[(at + ReasoningEnd.Length)..];
    }
}

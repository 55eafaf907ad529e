namespace Seal.Cli.Tests;

/// <summary>Three passages with questions, and self-edits for them.</summary>
internal static class Passages
{
    public const string Json = """
        [{"title": "Apollo", "context": "The eagle landed in July.", "questions": [{"question": "When?", "answer": "July"}]},
         {"title": "Sea", "context": "The sea is wide and deep.", "questions": [{"question": "How wide?", "answer": "wide"}, {"question": "How deep?", "answer": "deep"}]},
         {"title": "Tea", "context": "Tea is made in China.", "questions": [{"question": "Where?", "answer": "China"}]}]
        """;

    /// <summary>In another order, and one passage more.</summary>
    public const string SelfEdits = """
        [{"title": "Tea", "context": "Tea is made in China.", "questions": [], "completions": ["China makes tea.", "unused"]},
         {"title": "Other", "context": "Not asked for.", "questions": [], "completions": ["x"]},
         {"title": "Apollo", "context": "The eagle landed in July.", "questions": [], "completions": ["It landed.\nIn July it was."]},
         {"title": "Sea", "context": "The sea is wide and deep.", "questions": [], "completions": ["Seas are wide.\nSeas are deep."]}]
        """;
}

using System.Text.Json.Serialization;

namespace Seal.Learning.Knowledge;

/// <summary>How a self-edit is cut into training sequences.</summary>
public sealed record SequenceRules
{
    /// <summary>Our rules: the published ones with their defects repaired. The room's README has the table of differences.</summary>
    public static SequenceRules Default { get; } = new();

    /// <summary>The published rules of June 2025, quirks included.</summary>
    public static SequenceRules Compat { get; } = new() { AsPublished = true };

    /// <summary>The published rules of August 2025: reasoning before a line "Implications:" dropped, at most 30 sequences, no blank ones.</summary>
    public static SequenceRules CompatV2 { get; } = new() { AsPublished = true, DropReasoning = true, Limit = 30, DropBlank = true };

    /// <summary>Cut exactly as the published program cuts.</summary>
    public bool AsPublished { get; init; }

    /// <summary>One sequence per line (or per question with its answer), rather than the self-edit whole.</summary>
    public bool SplitLines { get; init; } = true;

    /// <summary>End with the passage itself. Off for the second and later self-edits of one passage when they train together.</summary>
    public bool IncludePassage { get; init; } = true;

    /// <summary>Drop everything up to and including a line that starts with "Implications:", where a model reasoned first.</summary>
    public bool DropReasoning { get; init; }

    /// <summary>Drop sequences without text. Always so by default; the published rules of June 2025 keep a bare title.</summary>
    public bool DropBlank { get; init; }

    /// <summary>Read a self-edit's first line, where it is a JSON object, as how the rest is to be learned; see <see cref="WrittenSelfEdit"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TrainingPart { get; init; }

    /// <summary>At most so many sequences, the passage not counted.</summary>
    public int? Limit { get; init; }
}

namespace Seal.Learning.Report;

/// <summary>What the time of a round goes to, in the order in which it does.</summary>
internal static class Phases
{
    public const string NoUpdate = "exams without update";
    public const string PassageOnly = "baseline: training, exam";
    public const string SelfEdits = "self-edits: writing";
    public const string Candidates = "self-edits: training, exam";
    public const string Policy = "policy update";

    public static string[] All { get; } = [NoUpdate, PassageOnly, SelfEdits, Candidates, Policy];
}

using Seal.Learning.FewShot;

namespace Seal.Learning.Knowledge;

/// <summary>
/// A self-edit in its two parts: the data, which are texts, and, where the rules read one and its first line is a JSON object, the training part, in the
/// few-shot domain's words: <c>{"strategy": "train_using_output_tokens", "learning_rate": 0.001, "num_train_epochs": 4}</c>.
/// </summary>
/// <param name="Training">Null: as the settings say.</param>
/// <param name="Problem">Why the training part cannot be used; null where it can, or is absent.</param>
public sealed record WrittenSelfEdit(string Texts, TrainingChoice? Training, string? Problem)
{
    public static WrittenSelfEdit Read(string selfEdit, SequenceRules rules)
    {
        string text = selfEdit.TrimStart();
        if (!rules.TrainingPart || !text.StartsWith('{'))
            return new WrittenSelfEdit(selfEdit, null, null);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        (TrainingChoice? training, string? problem) = ConfigurationText.ReadTraining(end < 0 ? text : text[..end]);
        return new WrittenSelfEdit(end < 0 ? "" : text[(end + 1)..], training, problem is null ? null : $"its first line, the training part, {problem}");
    }

    /// <summary>What an adapter is to learn of it; each sequence is headed by the title.</summary>
    public Lesson Lesson(Passage passage, SequenceRules rules, ulong seed) =>
        new(TrainingSequences.Build(passage, Texts, rules), seed, Training, $"{passage.Title}\n");
}

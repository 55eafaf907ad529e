using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning.Knowledge;

/// <summary>Passages, learned from texts that the model writes about them, and examined by questions without the passage in view.</summary>
public sealed class KnowledgeDomain(RunSettings settings, IJudge judge) : IDomain
{
    public DomainWords Words => new(
        settings.Passages, ("passage", "passages"), $" (prompt `{settings.SelfEdit.Prompt}`)", "passage only", ("accuracy", "F1"),
        [
            "Accuracy: share of answers the judge accepts. Dense: gain in bounded log-likelihood of the gold answers over no update, nats a token.",
            "Mean over passages, with 95 % bootstrap intervals; no passage is in view when its questions are asked.",
        ]);

    public string Judge => judge.Name;

    /// <summary>The passage alone.</summary>
    public string Baseline => "";

    /// <exception cref="SealException">The file cannot be used, or a passage has no questions.</exception>
    public IReadOnlyList<ITask> Tasks()
    {
        IReadOnlyList<Passage> passages = PassageSource.Read(settings.Passages, settings.Take == 0 ? null : settings.Take);
        if (passages.FirstOrDefault(passage => passage.Questions.Count == 0) is { } silent)
            throw new SealException($"{settings.Passages}: passage '{silent.Title}' has no questions; the outer loop needs some to reward its self-edits");
        return passages;
    }

    public SelfEditSampling Sampler(LanguageModel policy) => new SelfEditSampler(policy, settings.SelfEdit);

    public Trials Trials(
        LanguageModel model, RunJournal journal, Action<int, int, long>? progress = null,
        Action<IReadOnlyList<(Job Job, Trial Trial, Outcome Outcome)>, AdapterTrainer>? finished = null) =>
        new TrialRunner(model, settings.Trial, judge, journal) { Progress = progress, Finished = finished };
}

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
        ],
        ("reads a passage and writes", "Each is learned by a small adapter of its own, and the adapted model is asked about the passage without seeing it."),
        "The questions, the passage not in view");

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

    /// <summary>
    /// Beside the floor (no update) and the ceiling (the passage in view): the passage alone with the run's settings, and with as many optimizer
    /// steps as the last policy's self-edits get.
    /// </summary>
    public (IReadOnlyList<Arm> Arms, IReadOnlyList<(Arm Treated, Arm Control)> Comparisons) Compare(IReadOnlyList<Arm> policies, Measurement measured, LanguageModel model)
    {
        Arm noUpdate = measured.Given(model, "no update", settings, (string?)null);
        Arm alone = measured.Given(model, "passage only", settings, "");
        Arm longer = measured.Given(model, "passage only, as many steps", WithSteps(alone.Steps, policies[^1].Steps), "");
        Arm inView = measured.Given(model, "passage in view", settings with { Trial = settings.Trial with { Exam = settings.Trial.Exam with { PassageInView = true } } }, (string?)null);
        return (
            [noUpdate, alone, longer, .. policies, inView],
            [(alone, noUpdate), .. policies.Skip(1).Zip(policies), (policies[^1], alone), (policies[^1], longer), (inView, policies[^1])]);
    }

    public IReadOnlyList<StoryPart> Tell(Demonstrated shown)
    {
        int told = shown.MostGained;
        Passage passage = (Passage)shown.Tasks[told];
        return
        [
            new StoryText("It reads", $"{passage.Title}\n{passage.Context}"),
            .. Learned("Before reinforcement it writes", shown.Policies[0]),
            .. Learned("After reinforcement it writes", shown.Policies[^1]),
        ];

        IEnumerable<StoryPart> Learned(string title, Arm arm)
        {
            int first = told * arm.SelfEdits.Count / shown.Tasks.Count;
            yield return new StoryText(title, arm.SelfEdits[first].Text);
            yield return new StoryText("and, having learned that, answers", string.Join('\n', arm.Outcomes[first].Exam.Answers.Select(answer =>
                $"{(answer.Correct ? "right" : "wrong")}  {answer.Question}  {answer.Answer.ReplaceLineEndings(" ")}{(answer.Correct ? "" : $"  (it is {answer.Gold})")}")));
        }
    }

    private RunSettings WithSteps(double steps, double wanted) => settings with
    {
        Trial = settings.Trial with
        {
            Inner = settings.Trial.Inner with { Epochs = Math.Max(1, (int)Math.Round(settings.Trial.Inner.Epochs * wanted / steps)) },
        },
    };
}

using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Worlds.Grids;
using Seal.Models;

namespace Seal.Learning.FewShot;

/// <summary>ARC tasks, learned from augmentations of their demonstrations that the model chooses, and examined on their test inputs.</summary>
public sealed class FewShotDomain(RunSettings settings) : IDomain
{
    /// <summary>Whether an answer is right needs no judge.</summary>
    internal const string Comparison = "the solution, two attempts";

    private readonly FewShotSettings _own = settings.FewShot ?? throw new ArgumentException("settings without few_shot", nameof(settings));

    public DomainWords Words => new(
        _own.Tasks, ("task", "tasks"), "", "fixed configuration", ("solved", "right cells"),
        [
            "Solved: share of a task's test inputs whose solution is among two attempts. Dense: gain in bounded log-likelihood of the solutions over no update (in-context), nats a token.",
            "Mean over tasks, with 95 % bootstrap intervals that draw whole tasks, so trials of one task stay together.",
        ],
        ("is shown a puzzle's demonstrations and writes", "Each chooses augmentations and a way of training; a small adapter of its own is trained by it, and the adapted model solves the puzzle's tests."),
        "The tests");

    public string Judge => Comparison;

    public string Baseline => _own.Fixed.Text();

    /// <exception cref="SealException">The files cannot be used, an id is not in them, or a task has no solution.</exception>
    public IReadOnlyList<ITask> Tasks()
    {
        IEnumerable<ArcTask> tasks = GridTasks.Names(_own.Tasks)
            ? GridTasks.Read(_own.Tasks, settings.Take == 0 ? null : settings.Take)
            : ArcTaskFile.Read(_own.Tasks, _own.Solutions.Length > 0 ? _own.Solutions : null);
        if (_own.Ids.Count > 0)
        {
            Dictionary<string, ArcTask> known = tasks.ToDictionary(task => task.Id);
            tasks = _own.Ids.Select(id => known.GetValueOrDefault(id) ?? throw new SealException($"{_own.Tasks}: has no task '{id}', which few_shot.ids names"));
        }
        ArcTask[] chosen = [.. tasks.Take(settings.Take == 0 ? int.MaxValue : settings.Take)];
        if (chosen.FirstOrDefault(task => !task.HasSolutions) is { } open)
            throw new SealException($"{_own.Tasks}: task '{open.Id}' has a test input without a solution, so it cannot be scored; name the solution file in few_shot.solutions");
        return chosen;
    }

    public SelfEditSampling Sampler(LanguageModel policy) => new FewShotSampler(policy, _own, settings.SelfEdit);

    public Trials Trials(
        LanguageModel model, RunJournal journal, Action<int, int, long>? progress = null,
        Action<IReadOnlyList<(Job Job, Trial Trial, Outcome Outcome)>, AdapterTrainer>? finished = null) =>
        new FewShotTrials(model, _own, settings.Trial, journal) { Progress = progress, Finished = finished };

    /// <summary>Beside in-context answers: one fixed configuration for all, and the best of several for each task, chosen by its solution.</summary>
    public (IReadOnlyList<Arm> Arms, IReadOnlyList<(Arm Treated, Arm Control)> Comparisons) Compare(IReadOnlyList<Arm> policies, Measurement measured, LanguageModel model)
    {
        Arm inContext = InContext(measured, model), same = FixedConfiguration(measured, model), oracle = Oracle(measured, model);
        return (
            [inContext, same, .. policies, oracle],
            [(policies[0], inContext), .. policies.Skip(1).Zip(policies), (policies[^1], same), (oracle, policies[^1])]);
    }

    /// <summary>Every task in the prompt alone.</summary>
    public Arm InContext(Measurement measured, LanguageModel model) => measured.Given(model, "in-context", settings, (string?)null);

    /// <summary>Test-time training with one configuration for all.</summary>
    public Arm FixedConfiguration(Measurement measured, LanguageModel model) => measured.Given(model, Words.Baseline, settings, Baseline);

    /// <summary>For each task the best of the configurations in <c>few_shot.oracle</c>, chosen by its solution: what a perfect policy could reach with these.</summary>
    public Arm Oracle(Measurement measured, LanguageModel model) =>
        measured.Given(model, $"oracle over {_own.Oracle.Count}", settings, [.. _own.Oracle.Select(configuration => configuration.Text())]).BestOfEach(measured.Tasks.Count);

    public IReadOnlyList<StoryPart> Tell(Demonstrated shown)
    {
        int told = shown.MostGained;
        var task = (ArcTask)shown.Tasks[told];
        Arm before = shown.Policies[0], after = shown.Policies[^1];
        int first = told * before.SelfEdits.Count / shown.Tasks.Count;
        Grid question = task.Tests[0].Input;
        return
        [
            new StoryGrids($"The puzzle ({task.Id}): what is shown, and what is asked", [.. task.Demonstrations.Select(pair => (pair.Input, (Grid?)pair.Output)), (question, null)]),
            new StoryGrids("Without learning, it answers", [(question, Answer(shown.Arms[0].Outcomes[told]))]),
            new StoryText("Before reinforcement it chooses to learn by", before.SelfEdits[first].Text),
            new StoryGrids("and then answers", [(question, Answer(before.Outcomes[first]))]),
            new StoryText("After reinforcement it chooses", after.SelfEdits[first].Text),
            new StoryGrids("which makes training pairs of the puzzle, among others", Drilled(task, after.SelfEdits[first].Text)),
            new StoryGrids("and, having learned these, it answers", [(question, Answer(after.Outcomes[first]))]),
            new StoryGrids("The solution", [(question, task.Tests[0].Output)]),
        ];
    }

    /// <summary>The first attempt; null without one.</summary>
    private static Grid? Answer(Outcome outcome) => outcome.Exam.Answers is [var answer, ..] ? Attempts.Read(answer.Answer).First : null;

    /// <summary>A few of the held-out pairs that a self-edit makes, evenly spread over the set.</summary>
    private (Grid, Grid?)[] Drilled(ArcTask task, string selfEdit)
    {
        if (ConfigurationText.Read(selfEdit).Configuration is not { } configuration)
            return [];
        IReadOnlyList<Exercise> set = TrainingSet.Of(task.Demonstrations, Augmentation.Of(configuration.DataGeneration, _own.AsPublished), _ => true, _own.MaxExercises);
        int shown = Math.Min(6, set.Count);
        return [.. Enumerable.Range(0, shown).Select(i => set[i * set.Count / shown].HeldOut).Select(pair => (pair.Input, (Grid?)pair.Output))];
    }
}

using Seal.Kernels;
using Seal.Learning.Journal;
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
        ]);

    public string Judge => Comparison;

    public string Baseline => _own.Fixed.Text();

    /// <exception cref="SealException">The files cannot be used, an id is not in them, or a task has no solution.</exception>
    public IReadOnlyList<ITask> Tasks()
    {
        IEnumerable<ArcTask> tasks = ArcTaskFile.Read(_own.Tasks, _own.Solutions.Length > 0 ? _own.Solutions : null);
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
}

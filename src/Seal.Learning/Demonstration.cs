using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning;

/// <summary>
/// The whole of SEAL, measured: the outer loop runs, then the base model and the policy of each round write self-edits about tasks that neither
/// has seen, learn them, and are examined. What they are compared with (no update, for one) is the domain's to say.
/// </summary>
/// <param name="evaluation">What is learned and asked: passages or tasks.</param>
/// <param name="count">So many of it.</param>
public sealed class Demonstration(RunSettings settings, string evaluation, int count, string folder, Operators operators, IJudge judge)
{
    // One self-edit alone says as much of luck as of the policy.
    private const int SelfEdits = 2;

    /// <summary>Told the arm, empty while the outer loop runs, and where it stands.</summary>
    public Action<string, TrainingProgress>? Progress { get; init; }

    /// <exception cref="SealException">Settings, tasks, model or folder cannot be used.</exception>
    public Demonstrated Run(CancellationToken cancel = default)
    {
        RunReport run = new RestEm(settings, folder, operators, judge) { Progress = step => Progress?.Invoke("", step) }.Run(cancel);
        using RunJournal journal = RunJournal.Open(Path.Combine(folder, "evaluation"));
        RecordedRun recorded = RecordedRun.Read(folder);
        using LanguageModel model = LanguageModel.Open(settings.ModelPath, operators);
        RunSettings asked = settings.About(evaluation) with { Take = count };
        IDomain domain = Domains.Of(asked, judge);
        var measured = new Measurement(asked, domain.Tasks(), SelfEdits, journal, judge, cancel) { Progress = Progress };
        var policies = new List<Arm> { measured.SelfEdits(model, model, "self-edits of the base policy", 0) };
        foreach (RoundReport round in run.Rounds)
        {
            using LanguageModel policy = model.WithPolicy(recorded.PolicyBefore(round.Round + 1, model.Config));
            policies.Add(measured.SelfEdits(policy, model, $"self-edits after round {round.Round}", round.Round));
        }
        (IReadOnlyList<Arm> arms, IReadOnlyList<(Arm, Arm)> comparisons) = domain.Compare(policies, measured, model);
        return new Demonstrated(run, measured.Tasks, arms, comparisons, policies);
    }
}

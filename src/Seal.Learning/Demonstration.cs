using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Learning.Worlds;
using Seal.Models;
using Seal.Models.Formats;

namespace Seal.Learning;

/// <summary>One way to learn the evaluation's passages.</summary>
/// <param name="Policy">The round whose policy wrote the self-edits, 0 for the base model's; null where there are none.</param>
public sealed record Arm(string Name, int? Policy, IReadOnlyList<SelfEdit> SelfEdits, IReadOnlyList<Outcome> Outcomes)
{
    /// <summary>Mean accuracy of every passage, over its outcomes.</summary>
    public double[] Accuracies(int passages) =>
        [.. Outcomes.Chunk(Outcomes.Count / passages).Select(group => group.Average(outcome => outcome.Exam.Accuracy()))];
}

/// <summary>A run and what its policies are worth on passages that it never saw.</summary>
public sealed record Demonstrated(RunReport Run, IReadOnlyList<Passage> Passages, IReadOnlyList<Arm> Arms);

/// <summary>
/// The whole of SEAL, measured: the outer loop runs, then the base model and the policy of each round write self-edits about passages that neither
/// has seen, learn them, and are examined. Beside them the floor (no update), the passage alone, and the ceiling (the passage in view).
/// </summary>
/// <param name="evaluation">What is learned and asked; see <see cref="PassageSource"/>.</param>
/// <param name="count">So many passages of it.</param>
public sealed class Demonstration(RunSettings settings, string evaluation, int count, string folder, Operators operators, IJudge judge)
{
    // Self-edits of a policy for each passage: one alone says as much of luck as of the policy.
    private const int SelfEdits = 2;

    public Action<string, TrainingProgress>? Progress { get; init; }

    /// <exception cref="SealException">Settings, passages, model or folder cannot be used.</exception>
    public Demonstrated Run(CancellationToken cancel = default)
    {
        RunReport run = new RestEm(settings, folder, operators, judge) { Progress = step => Progress?.Invoke("", step) }.Run(cancel);
        IReadOnlyList<Passage> passages = PassageSource.Read(evaluation, count);
        using RunJournal journal = RunJournal.Open(Path.Combine(folder, "evaluation"));
        var arms = new List<Arm>();
        Arm ceiling;
        using (LanguageModel model = Policy([]))
        {
            arms.Add(Without(model, "no update", null, settings.Trial));
            arms.Add(Without(model, "passage only", "", settings.Trial));
            arms.Add(With(model, 0));
            arms.Add(Without(model, "passage only, as many steps", "", AsManySteps(arms[1], arms[2])));
            ceiling = Without(model, "passage in view", null, settings.Trial with { Exam = settings.Trial.Exam with { PassageInView = true } });
        }
        var policy = new List<LoraAdapter>();
        foreach (RoundReport round in run.Rounds.Where(round => round.Policy is not null))
        {
            using (ModelFile file = ModelFile.Open(Bottle.PathOf(settings.Model)))
                policy.Add(LoraAdapter.Read(RunFolder.Policy(folder, round.Round), file.Config));
            using LanguageModel model = Policy(policy);
            arms.Add(With(model, round.Round));
        }
        return new Demonstrated(run, passages, [.. arms, ceiling]);

        LanguageModel Policy(IReadOnlyList<LoraAdapter> adapters) => LanguageModel.Open(Bottle.PathOf(settings.Model), operators, adapters);

        Arm Without(LanguageModel model, string name, string? selfEdit, TrialSettings trial) =>
            new(name, null, [], Learn(model, name, trial, [.. passages.Select(passage => Trial(passage, selfEdit, 0))]));

        Arm With(LanguageModel model, int round)
        {
            string name = round == 0 ? "self-edits of the base policy" : $"self-edits after round {round}";
            var sampler = new SelfEditSampler(model, settings.SelfEdit);
            IReadOnlyList<SelfEdit> edits = [.. sampler.Sample(passages, SelfEdits, round, settings.Seed, journal, (done, total) => Report(name, done, total, "passages read"), cancel).SelectMany(list => list)];
            Trial[] trials = [.. edits.Select((edit, i) => Trial(passages[i / SelfEdits], edit.Text, i % SelfEdits))];
            return new Arm(name, round, edits, Learn(model, name, settings.Trial, trials));
        }

        IReadOnlyList<Outcome> Learn(LanguageModel model, string name, TrialSettings trial, Trial[] trials)
        {
            var runner = new TrialRunner(model, trial, judge, journal) { Progress = (done, total, tokens) => Report(name, done, total, $"{tokens:N0} tokens trained") };
            return [.. runner.Run(trials, 0, cancel).Select(result => result.Outcome)];
        }

        void Report(string name, int done, int total, string detail) => Progress?.Invoke(name, new TrainingProgress(0, name, done, total, detail));
    }

    // A passage's trials start from the same adapter whatever they learn, so that what differs is the text.
    private Trial Trial(Passage passage, string? selfEdit, int k) =>
        new(passage, selfEdit, CounterRandom.Derive(settings.Seed, $"evaluation {passage.Digest} {k}"));

    private TrialSettings AsManySteps(Arm passageOnly, Arm selfEdits)
    {
        double ratio = selfEdits.Outcomes.Average(outcome => (double)outcome.Losses.Count) / passageOnly.Outcomes.Average(outcome => (double)outcome.Losses.Count);
        return settings.Trial with { Inner = settings.Trial.Inner with { Epochs = Math.Max(1, (int)Math.Round(settings.Trial.Inner.Epochs * ratio)) } };
    }
}

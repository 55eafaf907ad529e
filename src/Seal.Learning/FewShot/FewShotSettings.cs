using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning.FewShot;

/// <summary>The few-shot domain's own settings. Adapter, optimizer, batch and lockstep are the run's <c>trial</c>; rate and epochs are the self-edit's.</summary>
public sealed record FewShotSettings
{
    /// <summary>The published behaviour, quirks included; the room's README lists them.</summary>
    public static FewShotSettings Compat { get; } = new() { AsPublished = true, Constrained = false, LearnPadding = true, MaxAnswerTokens = 0 };

    /// <summary>A challenge file, or a folder with one task a file.</summary>
    public string Tasks { get; init; } = "";

    /// <summary>The solution file; empty where the tests bring their outputs.</summary>
    public string Solutions { get; init; } = "";

    /// <summary>Only these tasks, by id and in this order; empty = all.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    public bool AsPublished { get; init; }

    /// <summary>How grids are written. In digits, tasks and requests come without instructions.</summary>
    public GridForm Grids { get; init; } = GridForm.Numpy;

    /// <summary>Show tasks in the model's chat format, not as a plain text to be continued.</summary>
    public bool Chat { get; init; } = true;

    /// <summary>The date that chat templates of the Llama 3 family put into their system turn. (The published one is that of the day: prompts change overnight.)</summary>
    public string Date { get; init; } = "26 Jul 2024";

    /// <summary>Tokens of a prompt with its answer at most; the model's positions bound it too.</summary>
    public int MaxTokens { get; init; } = 8192;

    /// <summary>Tokens of an answer at most; 0 = as many as fit.</summary>
    public int MaxAnswerTokens { get; init; } = 2048;

    /// <summary>Exercises of a training set at most.</summary>
    public int MaxExercises { get; init; } = TrainingSet.Most;

    /// <summary>Optimizer steps at most: training ends there. As published, a self-edit that asks for more trains nothing.</summary>
    public int MaxSteps { get; init; } = 375;

    /// <summary>Learn the padding up to the longest sequence of a set, in end-of-text tokens.</summary>
    public bool LearnPadding { get; init; }

    /// <summary>Sample self-edits in the form of their JSON: they always parse.</summary>
    public bool Constrained { get; init; } = true;

    /// <summary>How often a self-edit that cannot be read is sampled anew, where sampling is not constrained.</summary>
    public int Retries { get; init; } = 20;

    /// <summary>The baseline: test-time training with one configuration for every task.</summary>
    public Configuration Fixed { get; init; } = Configuration.Fixed;

    /// <summary>The configurations that the oracle chooses among: little or much data, output or all tokens, two rates.</summary>
    public IReadOnlyList<Configuration> Oracle { get; init; } =
    [
        .. from data in (DataGeneration[])[new(false, false, false, false), new(true, false, false, false), new(true, true, true, true)]
           from rate in (double[])[1e-4, 1e-3]
           select new Configuration(data, new TrainingChoice(LossScope.Output, rate, 2)),
        new(new DataGeneration(true, false, false, false), new TrainingChoice(LossScope.All, 1e-4, 2)),
        new(new DataGeneration(true, true, true, true), new TrainingChoice(LossScope.All, 1e-4, 2)),
    ];

    /// <exception cref="SealException">A value is out of range.</exception>
    public FewShotSettings Validated()
    {
        Require(Tasks.Length > 0, "tasks", Tasks, "the path of a challenge file or of a folder of tasks");
        Require(Grids == GridForm.Numpy || !AsPublished, "grids", "digits", "numpy where as_published is set");
        Require(MaxTokens >= 16, "max_tokens", MaxTokens, "16 or more");
        Require(MaxAnswerTokens >= 0, "max_answer_tokens", MaxAnswerTokens, "0 (as many as fit) or more");
        Require(MaxExercises >= 1, "max_exercises", MaxExercises, "1 or more");
        Require(MaxSteps >= 1, "max_steps", MaxSteps, "1 or more");
        Require(Retries is >= 0 and <= 1000, "retries", Retries, "0 to 1000");
        Require(Ids.Distinct().Count() == Ids.Count, "ids", string.Join(", ", Ids), "each id once");
        foreach (Configuration configuration in Oracle.Prepend(Fixed))
            if (ConfigurationText.Read(configuration.Text()).Problem is { } problem)
                throw new SealException($"fixed or oracle: a configuration {problem}");
        return this;
    }

    /// <summary>All that determines how a task is shown and learned, without where the tasks are kept and which configurations are tried on them.</summary>
    internal FewShotSettings Shown => this with { Tasks = "", Solutions = "", Ids = [], Fixed = Configuration.Fixed, Oracle = [] };

    /// <summary>A run's settings where few-shot is the domain.</summary>
    /// <param name="compat">As published, for Llama-3.2-1B-Instruct.</param>
    public static RunSettings Run(bool compat)
    {
        LoraTarget[] targets = [LoraTarget.QProj, LoraTarget.VProj, LoraTarget.GateProj, LoraTarget.UpProj, LoraTarget.DownProj];
        return new RunSettings
        {
            FewShot = compat ? Compat : new FewShotSettings(),
            Candidates = compat ? 15 : 5,
            Rounds = compat ? 1 : 2,
            SelfEdit = new SelfEditSettings { Sampling = new SamplingSettings(0.8f), MaxTokens = compat ? 128 : 160 },
            Trial = new Knowledge.TrialSettings
            {
                Inner = new InnerSettings
                {
                    Lora = new LoraSettings(128, 16, targets),
                    Optimizer = new OptimizerSettings { Schedule = ScheduleShape.Cosine, Warmup = 11 },
                    BatchSequences = 2,
                },
                Lockstep = 5,
            },
            // Every self-edit that solved its task, as published; where several of a task did, all of them.
            Selection = new SelectionSettings { Reward = RewardKind.Accuracy, Best = 1000, AboveBaseline = false, AtLeast = 1 },
            Policy = new PolicySettings
            {
                Lora = new LoraSettings(16, 16, targets),
                Optimizer = new OptimizerSettings { LearningRate = 5e-5, Schedule = ScheduleShape.Cosine },
                Epochs = 8,
                BatchSequences = 5,
            },
        };
    }

    private static void Require(bool holds, string field, object value, string expected)
    {
        if (!holds)
            throw new SealException($"{field} is '{value}'; expected {expected}");
    }
}

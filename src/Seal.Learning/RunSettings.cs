using System.Text.Json.Serialization;
using Seal.Kernels;
using Seal.Learning.FewShot;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Learning.Worlds;
using Seal.Models;

namespace Seal.Learning;

/// <summary>How the model is asked for self-edits.</summary>
public sealed record SelfEditSettings
{
    /// <summary>One of the reference's prompts: implications, implications-long, rewrite, self-qa, …</summary>
    public string Prompt { get; init; } = "implications";

    /// <summary>Ask in the model's chat format instead of as a text to be continued.</summary>
    public bool Chat { get; init; } = true;

    public SamplingSettings Sampling { get; init; } = new(Temperature: 1, TopP: 0.95f);

    /// <summary>Tokens of a self-edit at most; a longer one is cut and used as it is.</summary>
    public int MaxTokens { get; init; } = 256;
}

/// <summary>What a self-edit is rewarded for, measured after the update, without the passage in view.</summary>
public enum RewardKind
{
    /// <summary>Gain in bounded log-likelihood of the gold answers.</summary>
    Dense,

    /// <summary>Share of answers that the judge accepts.</summary>
    Accuracy,

    F1,
}

/// <summary>Which self-edits of a passage are reinforced.</summary>
public sealed record SelectionSettings
{
    public RewardKind Reward { get; init; } = RewardKind.Dense;

    /// <summary>The best so many of each passage.</summary>
    public int Best { get; init; } = 1;

    /// <summary>Keep only what earned more than learning the passage alone. (The published rule keeps the best even if it did harm.)</summary>
    public bool AboveBaseline { get; init; } = true;

    /// <summary>Keep only what earned at least so much, whatever the baseline earned: 1 = every answer right, for accuracy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AtLeast { get; init; }

    /// <summary>Rewards above this are kept.</summary>
    /// <param name="baseline">What the baseline earned.</param>
    internal double Above(double baseline) => Math.Max(
        AboveBaseline ? baseline : double.NegativeInfinity, AtLeast is { } least ? Math.BitDecrement(least) : double.NegativeInfinity);

    /// <summary>The dense reward's floor, nats a token; see <see cref="DenseReward"/>.</summary>
    public double Floor { get; init; } = 4;
}

/// <summary>The M-step: fine-tuning the policy on the self-edits that were kept.</summary>
public sealed record PolicySettings
{
    public LoraSettings Lora { get; init; } = new(16, 32, LoraTargets.All);

    public OptimizerSettings Optimizer { get; init; } = new() { LearningRate = 3e-4 };

    public int Epochs { get; init; } = 2;

    public int BatchSequences { get; init; } = 2;
}

/// <summary>Everything that determines an outer-loop run: the contents of its settings file.</summary>
public sealed record RunSettings
{
    /// <summary>A Hugging Face folder, a GGUF file, or <see cref="Bottle.Passages.Model"/>.</summary>
    public string Model { get; init; } = "";

    /// <summary>Where that model lies.</summary>
    [JsonIgnore]
    public string ModelPath => Bottle.PathOf(Model);

    /// <summary>Where passages or tasks come from.</summary>
    [JsonIgnore]
    public string Source => FewShot?.Tasks ?? Passages;

    /// <summary>Passages with questions: a JSON file, or a text or Markdown document.</summary>
    public string Passages { get; init; } = "";

    /// <summary>The first so many passages; 0 = all.</summary>
    public int Take { get; init; }

    public int Rounds { get; init; } = 2;

    /// <summary>Self-edits sampled for each passage in each round.</summary>
    public int Candidates { get; init; } = 5;

    /// <summary>The root from which every seed of the run is derived.</summary>
    public ulong Seed { get; init; } = 1;

    public string Backend { get; init; } = "torch";

    /// <summary>Numbers of weights and activations.</summary>
    [JsonPropertyName("dtype")]
    public DType DType { get; init; } = DType.F32;

    public SelfEditSettings SelfEdit { get; init; } = new();

    public TrialSettings Trial { get; init; } = new();

    public SelectionSettings Selection { get; init; } = new();

    public PolicySettings Policy { get; init; } = new();

    /// <summary>The few-shot domain's settings, where that is the run's domain; <see cref="Passages"/> are not read then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FewShotSettings? FewShot { get; init; }

    /// <summary>The published prompts, rules and settings. (The loss on 2,048 end-of-text paddings is not reproduced.)</summary>
    public static RunSettings Compat { get; } = new()
    {
        SelfEdit = new SelfEditSettings { Chat = false, MaxTokens = 2048 },
        Trial = new TrialSettings { Rules = SequenceRules.Compat, Inner = InnerSettings.Compat, Exam = ExamSettings.Compat },
        Selection = new SelectionSettings { Reward = RewardKind.Accuracy, AboveBaseline = false },
        Policy = new PolicySettings
        {
            Lora = new LoraSettings(64, 128, LoraTargets.All),
            Optimizer = new OptimizerSettings { LearningRate = 3e-4, Accumulate = 5 },
        },
    };

    /// <summary>Reads a settings file; fields that are absent keep the values of <paramref name="defaults"/>.</summary>
    /// <exception cref="SealException">The file is missing or malformed, or a field is unknown.</exception>
    public static RunSettings Read(string path, RunSettings defaults)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{path}: the settings cannot be read ({error.Message})", error);
        }
        return SettingsText.Merge(defaults, text, path);
    }

    /// <summary>The same about other passages or tasks.</summary>
    public RunSettings About(string source) => FewShot is { } own
        ? this with { FewShot = own with { Tasks = source, Solutions = "", Ids = [] } }
        : this with { Passages = source };

    /// <exception cref="SealException">A value is out of range.</exception>
    public RunSettings Validated()
    {
        Require(Model.Length > 0, "model", Model, "the path of a model");
        if (FewShot is null)
            Require(Passages.Length > 0, "passages", Passages, "the path of a passage file");
        else
            Within("few_shot", () => FewShot.Validated());
        Require(Take >= 0, "take", Take, "0 (all) or more");
        Require(Rounds is >= 1 and <= 1000, "rounds", Rounds, "1 to 1000");
        Require(Candidates is >= 1 and <= 1000, "candidates", Candidates, "1 to 1000");
        Require(SelfEdit.MaxTokens >= 1, "self_edit.max_tokens", SelfEdit.MaxTokens, "1 or more");
        Require(Selection.Best >= 1, "selection.best", Selection.Best, "1 or more");
        Require(Selection.Floor > 0, "selection.floor", Selection.Floor, "more than 0 nats");
        Require(Policy.Epochs >= 1, "policy.epochs", Policy.Epochs, "1 or more");
        Require(Policy.BatchSequences >= 1, "policy.batch_sequences", Policy.BatchSequences, "1 or more");
        _ = SelfEditPrompt.Named(SelfEdit.Prompt);
        Within("self_edit", () => SelfEdit.Sampling.Validated());
        Within("trial", () => Trial.Validated());
        Within("policy", () => Policy.Lora.Validated());
        Within("policy", () => Policy.Optimizer.Validated());
        return this;
    }

    // There are two LoRAs and two optimizers in here: the message says whose.
    private static void Within(string section, Action check)
    {
        try
        {
            check();
        }
        catch (SealException error)
        {
            throw new SealException($"settings.{section}: {error.Message}", error);
        }
    }

    private static void Require(bool holds, string field, object value, string expected)
    {
        if (!holds)
            throw new SealException($"settings.{field} is '{value}'; expected {expected}");
    }
}

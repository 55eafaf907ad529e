using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning.Worlds;

/// <summary>
/// What the embedded model's file says that learning should use with it. A model of two million weights is taught with ten times the learning rate of one of a
/// hundred million; it knows no chat; its answers are a word.
/// </summary>
public static class BottleSettings
{
    public static RunSettings Run { get; } = new()
    {
        Backend = "native",
        SelfEdit = new SelfEditSettings { Chat = false, Sampling = new(Temperature: 1, TopP: 1), MaxTokens = 200 },
        Trial = new TrialSettings
        {
            Inner = new InnerSettings
            {
                Lora = new LoraSettings(16, 32, LoraTargets.All),
                Optimizer = new OptimizerSettings { LearningRate = 3e-3 },
                Epochs = 4,
                BatchSequences = 4,
            },
            Exam = new ExamSettings { AnswerTokens = 12 },
            Lockstep = 16,
        },
        Selection = new SelectionSettings { Best = 2 },
        Policy = new PolicySettings
        {
            Lora = new LoraSettings(16, 32, LoraTargets.All),
            Optimizer = new OptimizerSettings { LearningRate = 4e-3 },
            Epochs = 4,
            BatchSequences = 4,
        },
    };

    /// <summary>As the model's file holds them.</summary>
    public static string Json => WithoutTasks(Run);

    /// <summary>Settings as a model's file holds them: what is learned and how much of it is the user's to say.</summary>
    internal static string WithoutTasks(RunSettings settings)
    {
        var node = System.Text.Json.JsonSerializer.SerializeToNode(settings, CanonicalJson.Options)!.AsObject();
        foreach (string name in (string[])["model", "passages", "take", "seed", "rounds", "candidates"])
            node.Remove(name);
        return CanonicalJson.Serialize(node);
    }
}

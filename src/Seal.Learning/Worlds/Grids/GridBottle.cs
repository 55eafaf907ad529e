using Seal.Kernels;
using Seal.Learning.FewShot;
using Seal.Models;
using Seal.Models.Pretraining;

namespace Seal.Learning.Worlds.Grids;

/// <summary>How the embedded model of the grid world is made, and what its file says that learning should use with it.</summary>
public static class GridBottle
{
    public static PretrainingSettings Making { get; } = new() { Vocabulary = 384, RowTokens = 448, Rows = 8, Steps = 4400, MatrixRate = 0.02 };

    public static RunSettings Run { get; } = new()
    {
        Backend = "native",
        DType = DType.BF16,
        FewShot = new FewShotSettings
        {
            Chat = false,
            Grids = GridForm.Digits,
            MaxTokens = 320,
            MaxAnswerTokens = 96,
            MaxExercises = 64,
            MaxSteps = 32,
            Fixed = Configured(true, 3e-3),
            Oracle = [Configured(false, 3e-3), Configured(true, 1e-3), Configured(true, 3e-3), Configured(true, 6e-3)],
        },
        Trial = new Knowledge.TrialSettings
        {
            Inner = new InnerSettings
            {
                Lora = new LoraSettings(16, 32, LoraTargets.All),
                Optimizer = new OptimizerSettings { Schedule = ScheduleShape.Cosine, Warmup = 4 },
                BatchSequences = 4,
            },
            Lockstep = 8,
            Learner = Learner.Base,
        },
        Selection = new SelectionSettings { AboveBaseline = false, AtLeast = 0.1 },
        Policy = new PolicySettings
        {
            Lora = new LoraSettings(16, 32, LoraTargets.All),
            Optimizer = new OptimizerSettings { LearningRate = 4e-3 },
            Epochs = 12,
            BatchSequences = 4,
        },
    };

    /// <summary>As the model's file holds them: whose tasks and how many is the user's to say.</summary>
    public static string Json => BottleSettings.WithoutTasks(Run);

    private static Configuration Configured(bool augmented, double rate) =>
        new(new DataGeneration(augmented, false, false, false), new TrainingChoice(LossScope.Output, rate, 2));
}

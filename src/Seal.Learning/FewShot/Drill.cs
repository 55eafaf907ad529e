using System.Globalization;
using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning.FewShot;

/// <summary>What a self-edit makes of a task: sequences, and how they are trained on.</summary>
/// <param name="Batches">None: nothing is trained.</param>
/// <param name="Summary">In words, for the journal.</param>
/// <param name="Problem">Why the self-edit is invalid; null where it is not.</param>
internal sealed record Drill(IReadOnlyList<IReadOnlyList<TrainingSequence>> Batches, double LearningRate, string Summary, string? Problem)
{
    /// <param name="seed">Of the order of the batches.</param>
    public static Drill Of(ArcTask task, string selfEdit, LanguageModel model, FewShotSettings settings, int batch, ulong seed)
    {
        if (settings.AsPublished)
            return PublishedConfiguration.Read(selfEdit) is { } published
                ? Of(task, published.Augmentations, published.Loss, published.LearningRate, count => published.EpochsOf(count, batch, settings.MaxSteps), model, settings, batch, seed)
                : Invalid("is no JSON object with data_generation and training");
        (Configuration? configuration, string? problem) = ConfigurationText.Read(selfEdit);
        return configuration is { Training: var training }
            ? Of(task, configuration.DataGeneration, training.Loss, training.LearningRate, _ => training.Epochs, model, settings, batch, seed)
            : Invalid(problem!);
    }

    public long Tokens => Batches.Sum(sequences => sequences.Sum(sequence => (long)sequence.Tokens.Length));

    private static Drill Invalid(string problem) => new([], 0, "nothing", problem);

    private static Drill Of(
        ArcTask task, DataGeneration? data, LossScope loss, double rate, Func<int, double> epochsOf,
        LanguageModel model, FewShotSettings settings, int batch, ulong seed)
    {
        var tokens = new TaskTokens(model, settings);
        IReadOnlyList<Exercise> exercises = TrainingSet.Of(
            task.Demonstrations,
            data is null ? [] : Augmentation.Of(data, settings.AsPublished),
            exercise => tokens.IsShort(exercise) || tokens.Sequence(exercise, loss) is not null,
            settings.MaxExercises);
        TrainingSequence[] chosen = [.. exercises.Select(exercise => tokens.Sequence(exercise, loss)).OfType<TrainingSequence>()];
        if (chosen.Length == 0)
            return Invalid($"makes no exercise of fewer than {tokens.Limit} tokens");
        if (settings.LearnPadding && model.Config.EosTokenIds is [int end, ..])
            chosen = Padded(chosen, end);
        double epochs = rate > 0 ? epochsOf(chosen.Length) : 0;
        int perEpoch = (chosen.Length + batch - 1) / batch;
        int steps = (int)Math.Min(Math.Ceiling(epochs * perEpoch), settings.MaxSteps);
        IReadOnlyList<TrainingSequence>[] batches = [.. EpochBatches.Of(chosen, (steps + perEpoch - 1) / perEpoch, batch, seed).Take(steps)];
        return new Drill(batches, rate, string.Create(CultureInfo.InvariantCulture,
            $"{chosen.Length} exercises, {(loss == LossScope.All ? "all" : "output")} tokens, learning rate {rate}, {epochs} epochs: {steps} steps"), null);
    }

    /// <summary>C2: right-padded to the longest of the set, and the padding learned.</summary>
    private static TrainingSequence[] Padded(TrainingSequence[] sequences, int end)
    {
        int longest = sequences.Max(sequence => sequence.Tokens.Length);
        return [.. sequences.Select(sequence => sequence with { Tokens = [.. sequence.Tokens, .. Enumerable.Repeat(end, longest - sequence.Tokens.Length)] })];
    }
}

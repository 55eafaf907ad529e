using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning;

/// <summary>What one adapter is to learn: its texts and the seed of its first weights and of the order of its batches.</summary>
/// <param name="Training">How, where the self-edit chose that itself; null: as the settings say.</param>
/// <param name="Heading">What every text begins with and a training part may leave out of the loss.</param>
public sealed record Lesson(IReadOnlyList<string> Texts, ulong Seed, TrainingChoice? Training = null, string Heading = "");

/// <summary>What training one adapter was like.</summary>
/// <param name="Tokens">Tokens trained on, all epochs together.</param>
/// <param name="Losses">Mean loss of each optimizer step, in nats a token.</param>
public sealed record LessonRecord(long Tokens, IReadOnlyList<double> Losses)
{
    /// <summary>Of a trained slot.</summary>
    public static LessonRecord Of(AdapterTrainer trainer, int slot) => new(trainer.TokensOf(slot), [.. trainer.History(slot).Select(step => step.Loss)]);
}

/// <summary>The inner loop: a fresh LoRA adapter a lesson, all lessons of a call trained in lockstep on one frozen model.</summary>
public sealed class InnerLoop(LanguageModel model, InnerSettings settings)
{
    /// <summary>Trains the lessons' adapters. The trainer holds them, a slot a lesson, until it is disposed.</summary>
    /// <exception cref="SealException">A lesson has no text that can be predicted.</exception>
    public AdapterTrainer Train(IReadOnlyList<Lesson> lessons, Action<int, int>? progress = null, CancellationToken cancel = default) =>
        Train(model, [.. lessons.Select(Job)], progress, cancel);

    /// <summary>Trains adapters in lockstep, each on batches of its own.</summary>
    internal static AdapterTrainer Train(LanguageModel model, IReadOnlyList<TrainingJob> jobs, Action<int, int>? progress, CancellationToken cancel)
    {
        var trainer = new AdapterTrainer(model.Transformer, jobs);
        try
        {
            trainer.Run(done => progress?.Invoke(done, trainer.Batches), cancel);
            trainer.Adapters.EndTraining(); // the exam needs the room more
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    private TrainingJob Job(Lesson lesson)
    {
        LoraAdapter start = LoraAdapter.Create(model.Config, settings.Lora, CounterRandom.Derive(lesson.Seed, "adapter"));
        IReadOnlyList<TrainingSequence> sequences = Sequences(lesson);
        return new TrainingJob(
            start,
            EpochBatches.Of(sequences, lesson.Training?.Epochs ?? settings.Epochs, settings.BatchSequences, CounterRandom.Derive(lesson.Seed, "order")),
            lesson.Training is { } training ? settings.Optimizer with { LearningRate = training.LearningRate } : settings.Optimizer);
    }

    private IReadOnlyList<TrainingSequence> Sequences(Lesson lesson)
    {
        int from = lesson.Training?.Loss == LossScope.Output ? Math.Max(1, model.Tokenizer.Encode(lesson.Heading).Length) : 1;
        var sequences = lesson.Texts.Select(Tokens).Where(tokens => tokens.Length > from).Select(tokens => new TrainingSequence(tokens, from)).ToList();
        return sequences.Count > 0
            ? sequences
            : throw new SealException("a lesson holds no text of two tokens or more; nothing can be learned from it");
    }

    private int[] Tokens(string text)
    {
        int[] tokens = model.Tokenizer.Encode(text);
        if (settings.LearnEnd && model.Config.EosTokenIds is [int end, ..])
            tokens = [.. tokens, end];
        return tokens.Length > settings.MaxSequenceTokens ? tokens[..settings.MaxSequenceTokens] : tokens;
    }
}

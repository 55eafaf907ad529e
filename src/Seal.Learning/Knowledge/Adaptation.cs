using System.Diagnostics;
using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning.Knowledge;

/// <summary>How learning one document went.</summary>
/// <param name="SelfEdit">What was trained on beside the document; empty for the document alone.</param>
/// <param name="Sequences">The training texts, in order.</param>
/// <param name="Losses">Mean loss of each optimizer step, nats a token.</param>
/// <param name="Tokens">Tokens trained on, all epochs together.</param>
/// <param name="Seconds">Wall time of the training alone.</param>
/// <param name="Before">The exam before the update; null for a document without questions.</param>
/// <param name="After">The same exam after it.</param>
public sealed record AdaptationRecord(
    string SelfEdit, IReadOnlyList<string> Sequences, IReadOnlyList<double> Losses, long Tokens, double Seconds, ExamResult? Before, ExamResult? After)
{
    public double TokensPerSecond => Seconds > 0 ? Tokens / Seconds : 0;
}

/// <summary>Learns one document: a self-edit becomes training texts, these an adapter.</summary>
public sealed class Adaptation(LanguageModel model, TrialSettings settings, IJudge judge)
{
    /// <summary>Told the phase, and what is done and in all.</summary>
    public Action<string, int, int>? Progress { get; init; }

    /// <exception cref="SealException">There is nothing to train on, or a training part cannot be used.</exception>
    public (LoraAdapter Adapter, AdaptationRecord Record) Learn(Passage passage, string selfEdit, ulong seed, CancellationToken cancel = default)
    {
        ExamResult? before = Examine(passage, null, "exam before", cancel);
        var written = WrittenSelfEdit.Read(selfEdit, settings.Rules);
        if (written.Problem is { } problem)
            throw new SealException($"the self-edit cannot be learned: {problem}");
        Lesson[] lessons = [written.Lesson(passage, settings.Rules, seed)];
        var watch = Stopwatch.StartNew();
        using AdapterTrainer trainer = new InnerLoop(model, settings.Inner).Train(lessons, (done, total) => Progress?.Invoke("train", done, total), cancel);
        double seconds = watch.Elapsed.TotalSeconds;
        LessonRecord record = LessonRecord.Of(trainer, 0);
        ExamResult? after = Examine(passage, trainer.Adapters, "exam after", cancel);
        return (trainer.Adapter(0), new AdaptationRecord(selfEdit, lessons[0].Texts, record.Losses, record.Tokens, seconds, before, after));
    }

    private ExamResult? Examine(Passage passage, AdapterSet? adapters, string phase, CancellationToken cancel)
    {
        if (passage.Questions.Count == 0)
            return null;
        int most = passage.Questions.Count * settings.Exam.AnswerTokens, drawn = 0;
        return new Exam(model, settings.Exam, judge).Take(
            [new Sitting(passage, adapters is null ? -1 : 0)], adapters, step => Progress?.Invoke(phase, drawn += step, most), cancel)[0];
    }
}

using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning.Tests.Loop;

public sealed class InnerLoopTests
{
    private TinyRun _run = null!;
    private LanguageModel _model = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _run = new TinyRun();
        _model = LanguageModel.Open(_run.Model, _run.Operators);
    }

    [OneTimeTearDown]
    public void Close()
    {
        _model.Dispose();
        _run.Dispose();
    }

    [Test]
    public void Every_epoch_is_a_permutation_that_the_seed_alone_decides()
    {
        TrainingSequence[] sequences = [.. Enumerable.Range(0, 7).Select(i => new TrainingSequence([i, i + 1]))];
        int[] Order(int epochs, int batch, ulong seed) => [.. EpochBatches.Of(sequences, epochs, batch, seed).SelectMany(b => b).Select(sequence => sequence.Tokens[0])];
        int[] order = Order(4, 3, 1);
        int[][] epochs = [.. order.Chunk(7)];
        foreach (int[] epoch in epochs)
            Assert.That(epoch, Is.EquivalentTo(Enumerable.Range(0, 7)));
        Assert.That(epochs.Select(epoch => string.Join(' ', epoch)), Is.Unique);
        Assert.That(EpochBatches.Of(sequences, 2, 3, 1).Select(batch => batch.Count), Is.EqualTo(new[] { 3, 3, 1, 3, 3, 1 }), "no batch crosses an epoch");
        Assert.That(Order(9, 2, 1)[..28], Is.EqualTo(order), "neither the number of epochs nor the size of batches moves a sequence");
        Assert.That(Order(4, 3, 2), Is.Not.EqualTo(order));
    }

    [Test]
    public void Sequences_are_cut_and_ended_as_the_settings_say()
    {
        // A byte is a token here.
        Assert.That(Tokens(new InnerSettings { Epochs = 3 }, "12345", "123"), Is.EqualTo(3 * (5 + 3)));
        Assert.That(Tokens(new InnerSettings { Epochs = 3, LearnEnd = true }, "12345", "123"), Is.EqualTo(3 * (6 + 4)));
        Assert.That(Tokens(new InnerSettings { Epochs = 1, MaxSequenceTokens = 4 }, "12345", "123"), Is.EqualTo(4 + 3));
        Assert.That(Tokens(new InnerSettings { Epochs = 1, MaxSequenceTokens = 4, LearnEnd = true }, "12345", "123"), Is.EqualTo(4 + 4));
        Assert.That(Tokens(new InnerSettings { Epochs = 1 }, "1", "", "12"), Is.EqualTo(2), "one token alone predicts nothing");
        Assert.That(() => Tokens(new InnerSettings(), "1", ""), Throws.TypeOf<SealException>().With.Message.Contains("two tokens"));
    }

    [Test]
    public void The_end_is_learned_only_when_asked_for()
    {
        // In nats: what training on five digits does to the end's probability by the way is less than learning it.
        double learned = After(learnEnd: true);
        Assert.That(learned, Is.GreaterThan(EndAfter("12345", null) + 3));
        Assert.That(learned, Is.GreaterThan(After(learnEnd: false) + 3));

        double After(bool learnEnd)
        {
            var settings = new InnerSettings { LearnEnd = learnEnd, Epochs = 30, Optimizer = new OptimizerSettings { LearningRate = 2e-2 } };
            using AdapterTrainer trainer = new InnerLoop(_model, settings).Train([new Lesson(["12345"], 1)]);
            return EndAfter("12345", trainer.Adapters);
        }
    }

    private double EndAfter(string text, AdapterSet? adapters)
    {
        var plan = new BatchPlan();
        int[] tokens = _model.Tokenizer.Encode(text);
        plan.Add(tokens, adapters is null ? -1 : 0);
        plan.AddTarget(tokens.Length - 1, _model.Config.EosTokenIds[0], 1);
        float[] score = new float[1];
        _model.Transformer.Score(plan, adapters, score);
        return score[0];
    }

    private long Tokens(InnerSettings settings, params string[] texts)
    {
        Lesson[] lessons = [new Lesson(texts, 1)];
        var loop = new InnerLoop(_model, settings with { Lora = new LoraSettings(1, 1, [LoraTarget.QProj]) });
        using AdapterTrainer trainer = loop.Train(lessons);
        long tokens = LessonRecord.Of(trainer, 0).Tokens;
        Assert.That(trainer.Tokens, Is.EqualTo(tokens), "what is recorded is what was trained on");
        return tokens;
    }
}

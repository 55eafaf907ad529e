using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Models.Pretraining;
using Seal.Models.Tests.Formats;
using Seal.Models.Text;

namespace Seal.Models.Tests.Pretraining;

/// <summary>A model of a few thousand weights learns to count in circles.</summary>
public class PretrainerTests
{
    private const int Vocabulary = 270;

    private static readonly PretrainingSettings s_settings = new()
    {
        Layers = 2,
        Hidden = 32,
        Intermediate = 48,
        Heads = 4,
        KvHeads = 2,
        Vocabulary = Vocabulary,
        RowTokens = 24,
        Rows = 4,
        Steps = 60,
        Warmup = 5,
    };

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Make() => _folder = new TemporaryFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void ItLearnsAndWhatIsWrittenIsWhatWasTrained()
    {
        var losses = new List<double>();
        using var pretrainer = new Pretrainer(s_settings, Vocabulary, Vocabulary - 1, bf16: false);
        pretrainer.Run(Rows, _folder.File("checkpoint.safetensors"), state => losses.Add(state.Loss));
        Assert.That(losses[0], Is.GreaterThan(2));
        Assert.That(losses[^1], Is.LessThan(0.7 * losses[0]));

        string path = _folder.File("model.gguf");
        GgufVocabulary vocabulary = BytePairTrainer.Train(["abc abc abd abd abe abf abg abh abi abj abk abl"], Vocabulary);
        GgufWriter.Write(path, pretrainer.Config, vocabulary, pretrainer.Weights(), new Dictionary<string, string> { [GgufModel.SettingsKey] = "{}" });
        using var operators = new TorchOperators(Device.Host, DType.F32);
        using LanguageModel model = LanguageModel.Open(path, operators);
        Assert.That(model.Tokenizer.VocabularySize, Is.EqualTo(Vocabulary));
        TokenRows rows = Rows(1000);
        // Weights are rounded to bf16 in the file: a few parts in a thousand of the logits.
        Assert.That(Loss(model, rows), Is.EqualTo(pretrainer.LossOf(rows)).Within(0.02));
    }

    [Test]
    public void AKilledTrainingEndsAsOneThatWasNot()
    {
        using var whole = new Pretrainer(s_settings, Vocabulary, Vocabulary - 1, bf16: false);
        whole.Run(Rows, _folder.File("whole"));
        using (var first = new Pretrainer(s_settings, Vocabulary, Vocabulary - 1, bf16: false))
        {
            using var cancel = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => first.Run(Rows, _folder.File("killed"), state => cancel.Cancel(), cancel.Token));
            Assert.That(first.Step, Is.EqualTo(20));
        }
        using var second = new Pretrainer(s_settings, Vocabulary, Vocabulary - 1, bf16: false);
        second.Run(Rows, _folder.File("killed"));
        foreach ((string name, float[] values) in whole.Weights())
            Assert.That(second.Weights()[name], Is.EqualTo(values).Within(1e-6f), name);
    }

    [Test]
    public void ACheckpointOfAnotherShapeIsRefused()
    {
        using (var small = new Pretrainer(s_settings with { Steps = 1 }, Vocabulary, Vocabulary - 1, bf16: false))
            small.Run(Rows, _folder.File("c"));
        using var wide = new Pretrainer(s_settings with { Intermediate = 64 }, Vocabulary, Vocabulary - 1, bf16: false);
        Assert.That(() => wide.Run(Rows, _folder.File("c")), Throws.TypeOf<SealException>().With.Message.Contains("mlp").And.Message.Contains("[48, 32]"));
    }

    // Token t is followed by t + 1, modulo 10, from a start that differs from row to row; the first half of a row is not counted.
    private static TokenRows Rows(int step)
    {
        var rows = new TokenRows(s_settings.Rows, s_settings.RowTokens, new long[s_settings.Rows * s_settings.RowTokens], new bool[s_settings.Rows * s_settings.RowTokens]);
        for (int i = 0; i < rows.Tokens.Length; i++)
        {
            rows.Tokens[i] = (i % rows.Length + step + i / rows.Length * 3) % 10;
            rows.Counted[i] = i % rows.Length > rows.Length / 2;
        }
        return rows;
    }

    private static double Loss(LanguageModel model, TokenRows rows)
    {
        var plan = new BatchPlan();
        for (int row = 0; row < rows.Rows; row++)
        {
            int[] tokens = [.. rows.Tokens.Skip(row * rows.Length).Take(rows.Length).Select(token => (int)token)];
            int start = plan.Add(tokens[..^1], -1);
            for (int i = 1; i < tokens.Length; i++)
                if (rows.Counted[row * rows.Length + i])
                    plan.AddTarget(start + i - 1, tokens[i], 1);
        }
        float[] logProbabilities = new float[plan.HeadCount];
        model.Transformer.Score(plan, null, logProbabilities);
        return -logProbabilities.Average();
    }
}

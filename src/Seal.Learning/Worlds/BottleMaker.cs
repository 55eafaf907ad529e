using System.Globalization;
using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Models.Pretraining;
using Seal.Models.Text;

namespace Seal.Learning.Worlds;

/// <summary>Makes an embedded base model from nothing: vocabulary, training, one file.</summary>
public sealed class BottleMaker(Bottle bottle, PretrainingSettings settings, string folder, bool bf16)
{
    private const int VocabularyDocuments = 12000;

    public Action<PretrainingProgress>? Progress { get; init; }

    /// <returns>The model's path.</returns>
    public string Run(CancellationToken cancel = default)
    {
        IReading reading = bottle.Reading(settings.Seed);
        GgufVocabulary vocabulary = BytePairTrainer.Train(Sample(reading), settings.Vocabulary, bottle.DigitsAlone);
        Tokenizer tokenizer = Tokenizer.FromGguf(vocabulary, vocabulary.Path);
        using var pretrainer = new Pretrainer(settings, vocabulary.Tokens.Length, vocabulary.EosId!.Value, bf16);
        string model = Path.Combine(folder, bottle.File);
        pretrainer.Run(new ReadingRows(reading, tokenizer, settings).Of, Path.Combine(folder, "checkpoint.safetensors"), Progress, cancel);
        GgufWriter.Write(model, pretrainer.Config, vocabulary, pretrainer.Weights(), Card(pretrainer));
        return model;
    }

    private IEnumerable<string> Sample(IReading reading) =>
        Enumerable.Range(0, VocabularyDocuments).SelectMany(i =>
        {
            var dice = new Dice(CounterRandom.Derive(settings.Seed, $"vocabulary {i}"));
            return (i % 2 == 0 ? reading.Long(dice) : reading.Short(dice)).Select(part => part.Text);
        });

    private Dictionary<string, string> Card(Pretrainer pretrainer) => new()
    {
        [GgufModel.SettingsKey] = bottle.Settings,
        ["general.name"] = bottle.Title,
        ["general.description"] = string.Create(CultureInfo.InvariantCulture,
            $"Made by 'seal pretrain --model {bottle.Model} --steps {settings.Steps} --seed {settings.Seed}': {pretrainer.Step} steps of {settings.Rows * settings.RowTokens} tokens, {pretrainer.Seconds / 3600:F2} hours, loss {pretrainer.Loss:F4} nats a counted token"),
    };
}

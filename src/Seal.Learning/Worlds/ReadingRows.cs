using Seal.Kernels;
using Seal.Models.Pretraining;
using Seal.Models.Text;

namespace Seal.Learning.Worlds;

/// <summary>Packs documents into rows: long ones as long as they fit, short ones into what is left.</summary>
public sealed class ReadingRows(IReading reading, Tokenizer tokenizer, PretrainingSettings settings)
{
    private readonly int _end = tokenizer.Eos ?? throw new ArgumentException("the vocabulary has no end of text", nameof(tokenizer));

    /// <summary>The rows of a step: they follow from the seed and the step alone.</summary>
    public TokenRows Of(int step)
    {
        var batch = new TokenRows(settings.Rows, settings.RowTokens, new long[settings.Rows * settings.RowTokens], new bool[settings.Rows * settings.RowTokens]);
        Parallel.For(0, settings.Rows, row => Fill(batch, row, new Dice(CounterRandom.Derive(settings.Seed, $"row {step} {row}"))));
        return batch;
    }

    private void Fill(TokenRows batch, int row, Dice dice)
    {
        int length = batch.Length, shortTokens = (int)(length * reading.ShortShare);
        int at = 0;
        List<(int Token, bool Counted)> document = [];
        while (at < length)
        {
            if (at >= shortTokens && (document.Count == 0 || document.Count > length - at))
                document = Encode(reading.Long(dice));
            if (at < shortTokens || document.Count > length - at)
                Append(Encode(reading.Short(dice)));
            else
            {
                Append(document);
                document = [];
            }
        }

        void Append(List<(int Token, bool Counted)> tokens)
        {
            foreach ((int token, bool counted) in tokens.Take(length - at))
            {
                batch.Tokens[row * length + at] = token;
                batch.Counted[row * length + at++] = counted;
            }
        }
    }

    private List<(int Token, bool Counted)> Encode(IReadOnlyList<TextPart> document)
    {
        var tokens = new List<(int, bool)>();
        foreach (TextPart part in document)
            tokens.AddRange(tokenizer.Encode(part.Text).Select(token => (token, part.Counted)));
        tokens.Add((_end, true));
        return tokens.Count <= settings.RowTokens ? tokens : tokens[..settings.RowTokens];
    }
}

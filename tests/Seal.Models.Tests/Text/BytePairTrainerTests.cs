using Seal.Models.Formats;
using Seal.Models.Text;

namespace Seal.Models.Tests.Text;

public class BytePairTrainerTests
{
    private static readonly string[] s_texts = ["low low low low low lower lower newest newest newest newest newest newest widest widest widest"];

    [Test]
    public void TheMostFrequentPairIsMergedFirstAndTheFirstSpellingAmongEquals()
    {
        GgufVocabulary vocabulary = BytePairTrainer.Train(s_texts, 262);
        // "e s" and "s t" stand 9 times each, in newest and widest; then "es t"; then "l o" 7 times ("o w" as often, later spelled), "lo w", and "e w" before "n e", 6 times each.
        Assert.That(vocabulary.Merges, Is.EqualTo(new[] { "e s", "es t", "l o", "lo w", "e w" }));
        Assert.That(vocabulary.Tokens, Has.Length.EqualTo(262));
        Assert.That(vocabulary.Tokens[^1], Is.EqualTo(BytePairTrainer.EndOfText));
        Assert.That(vocabulary.EosId, Is.EqualTo(261));
    }

    [Test]
    public void ItsTokenizerGivesEveryTextBack()
    {
        Tokenizer tokenizer = Tokenizer.FromGguf(BytePairTrainer.Train(s_texts, 280), "test");
        foreach (string text in (string[])["low lowest", "  \n\nÄpfel — 漢字 ", "", "newest<|endoftext|>low"])
            Assert.That(tokenizer.Decode(tokenizer.Encode(text)), Is.EqualTo(text));
        Assert.That(tokenizer.Encode("newest<|endoftext|>")[^1], Is.EqualTo(tokenizer.Eos));
        Assert.That(tokenizer.Encode(" newest"), Has.Length.LessThan(4));
    }

    [Test]
    public void TextsWithoutPairsEndTheTraining() =>
        Assert.That(BytePairTrainer.Train(["a b"], 1000).Tokens, Has.Length.EqualTo(258), "one merge, a space with its b, is all there is");
}

using System.Text.Json;
using Seal.Models.Text;

namespace Seal.Models.Tests.Text;

public class TokenizerGoldenTests
{
    [TestCase("tokenizer-gpt2-style")]
    [TestCase("tokenizer-llama3-style")]
    [TestCase("tokenizer-qwen2-style")]
    [TestCase("tokenizer-smollm-style")]
    public void Ids_and_text_are_those_of_Hugging_Face(string folder)
    {
        Tokenizer tokenizer = Tokenizer.FromJson(Golden.TokenizerJson(folder), null, folder);
        JsonElement cases = Golden.Read(folder).GetProperty("tokenizer");
        Assert.That(cases.GetArrayLength(), Is.GreaterThan(100));
        Assert.Multiple(() =>
        {
            foreach (JsonElement example in cases.EnumerateArray())
            {
                string text = example.GetProperty("text").GetString()!;
                int[] ids = [.. example.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
                Assert.That(tokenizer.Encode(text), Is.EqualTo(ids), text);
                Assert.That(tokenizer.Decode(ids), Is.EqualTo(example.GetProperty("decoded").GetString()), text);
                StreamingDecoder stream = new(tokenizer);
                Assert.That(string.Concat(ids.Select(stream.Feed)) + stream.Finish(), Is.EqualTo(tokenizer.Decode(ids)), text);
            }
        });
    }
}

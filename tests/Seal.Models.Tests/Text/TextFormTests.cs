using System.Text;
using Seal.Kernels;
using Seal.Models.Text;
using Seal.Tests;

namespace Seal.Models.Tests.Text;

public sealed class TextFormTests
{
    private static readonly TextForm s_form = TextForm.Of(TextForm.InOrder(
        TextForm.Text("a"), TextForm.AnyOf("bc", "bd", ""), TextForm.Repeated(TextForm.Digit(least: 1, most: 3), 1, 2), TextForm.AnyOf(TextForm.Text("é"), TextForm.Text(""))));

    [TestCase("a1", true)]
    [TestCase("abc12", true)]
    [TestCase("abd3é", true)]
    [TestCase("a22é", true)]
    [TestCase("a", false)]
    [TestCase("ab1", false)]
    [TestCase("abc4", false)]
    [TestCase("a123", false)]
    [TestCase("a1éé", false)]
    [TestCase("", false)]
    [TestCase("xa1", false)]
    public void Texts_are_of_the_form_or_not(string text, bool matches) => Assert.That(s_form.Matches(text), Is.EqualTo(matches));

    [Test]
    public void The_longest_text_and_the_ends()
    {
        Assert.That(s_form.Longest, Is.EqualTo(Encoding.UTF8.GetByteCount("abc12é")));
        int one = s_form.Next(TextForm.Start, "a1"u8), two = s_form.Next(TextForm.Start, "a12"u8), whole = s_form.Next(TextForm.Start, "a12é"u8);
        Assert.That((s_form.MayEnd(one), s_form.MustEnd(one)), Is.EqualTo((true, false)));
        Assert.That((s_form.MayEnd(two), s_form.MustEnd(two)), Is.EqualTo((true, false)));
        Assert.That((s_form.MayEnd(whole), s_form.MustEnd(whole)), Is.EqualTo((true, true)));
    }

    [Test]
    public void An_untrained_model_writes_texts_of_the_form_and_nothing_else([Values(0f, 1f, 5f)] float temperature)
    {
        using var tiny = new TinyModel();
        using var operators = new TorchOperators(Device.Host, DType.F32);
        using LanguageModel model = LanguageModel.Open(tiny.Folder, operators);
        TextForm form = TextForm.Of(TextForm.InOrder(TextForm.Text("the "), TextForm.AnyOf("inner", "outer the", "é"), TextForm.Text(" end")));
        var tokens = new TokenForm(form, model.Tokenizer);
        int[] prompt = model.Tokenizer.Encode("Once");
        GenerationRequest[] requests =
        [
            .. Enumerable.Range(0, 40).Select(i => new GenerationRequest(prompt, tokens.LongestTokens, new SamplingSettings(temperature), (ulong)i, Form: i % 4 == 3 ? null : tokens)),
        ];
        Generation[] generations = new Generator(model.Transformer, model.Tokenizer, maxSequences: 8).Run(requests);
        string[] formed = [.. generations.Where((_, i) => requests[i].Form is not null).Select(generation => generation.Text)];
        Assert.That(formed.All(form.Matches), string.Join('\n', formed));
        Assert.That(generations.Where((_, i) => requests[i].Form is not null).Select(generation => generation.Finish), Is.All.EqualTo(FinishReason.EndOfText));
        Assert.That(formed.Distinct().Count(), temperature == 0 ? Is.EqualTo(1) : Is.EqualTo(3));
        // Free requests draw as they do alone.
        Generation[] free = new Generator(model.Transformer, model.Tokenizer).Run([.. requests.Where(request => request.Form is null)]);
        Assert.That(generations.Where((_, i) => requests[i].Form is null).Select(generation => generation.Tokens), Is.EqualTo(free.Select(generation => generation.Tokens)));
    }

    [Test]
    public void A_form_that_the_vocabulary_cannot_spell_is_named()
    {
        var tokenizer = Tokenizer.FromJson("""{"added_tokens": [], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}, "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []}}""", null, "test");
        var form = new TokenForm(TextForm.Of(TextForm.Text("ac")), tokenizer);
        Assert.That(form.Allowed(TokenForm.Start).ToArray(), Is.EqualTo(new[] { 0 }));
        Assert.That(() => form.Allowed(form.Next(TokenForm.Start, 0)), Throws.TypeOf<SealException>().With.Message.Contains("cannot spell"));
    }
}

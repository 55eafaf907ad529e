using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>Where a text ends: end token, stop string, length; and requests that cannot be served.</summary>
public sealed class StoppingTests
{
    // "ö" and "€" come in two tokens each.
    private static readonly string[] Pieces = ["He", "llo", ",", " w", "\u00C3", "\u00B6", "rld", " E", "ND", "\u00E2\u0082", "\u00AC", "x", "<end>"];
    private const string Text = "llo, wörld END€x";
    private ScriptedModel _model = null!;

    [OneTimeSetUp]
    public void Open() => _model = new ScriptedModel(Pieces);

    [OneTimeTearDown]
    public void Close() => _model.Dispose();

    [Test]
    public void TheEndTokenEndsATextAndIsNoPartOfIt()
    {
        Generation generation = _model.Continue();
        Assert.That((generation.Text, generation.Finish), Is.EqualTo((Text, FinishReason.EndOfText)));
        Assert.That(generation.Tokens, Is.EqualTo(Enumerable.Range(1, 11)));
    }

    [Test]
    public void PastTheEndTokenItGoesOnWhereAsked()
    {
        Generation generation = _model.Continue(maxTokens: 14, ignoreEnd: true);
        Assert.That((generation.Text, generation.Finish), Is.EqualTo((Text + "Hello", FinishReason.Length)));
        Assert.That(generation.Tokens, Is.EqualTo((int[])[.. Enumerable.Range(1, 12), 0, 1]));
    }

    [TestCase(1, "llo")]
    [TestCase(3, "llo, w")]
    [TestCase(4, "llo, w\uFFFD")]
    [TestCase(5, "llo, wö")]
    [TestCase(11, Text)]
    public void TheLengthEndsAText(int tokens, string text)
    {
        Generation generation = _model.Continue(tokens);
        Assert.That((generation.Text, generation.Finish, generation.Tokens.Length), Is.EqualTo((text, FinishReason.Length, tokens)));
    }

    [TestCase(", w", 3, "llo", TestName = "Stop: across two tokens")]
    [TestCase("l", 1, "", TestName = "Stop: the first character")]
    [TestCase("o, wörl", 6, "ll", TestName = "Stop: across six tokens, with a character of two")]
    [TestCase("ö", 5, "llo, w", TestName = "Stop: a character of two tokens")]
    [TestCase("END€", 10, "llo, wörld ", TestName = "Stop: ends with a character of two tokens")]
    [TestCase("€x", 11, "llo, wörld END", TestName = "Stop: on the last token")]
    public void AStopStringCutsTheTextAndEndsIt(string stop, int tokens, string text)
    {
        Generation generation = _model.Continue(50, false, "never", stop);
        Assert.That((generation.Text, generation.Finish, generation.Tokens.Length), Is.EqualTo((text, FinishReason.StopString, tokens)));
    }

    [TestCase("rld", "ö", "llo, w", TestName = "Stops: the one that is complete first")]
    [TestCase("ND", "END", "llo, wörld ", TestName = "Stops: of two complete at once the one that begins first")]
    [TestCase(" END€", "ND", "llo, wörld E", TestName = "Stops: a shorter one inside a longer one")]
    public void OfSeveralStopStringsTheFirstCounts(string one, string other, string text)
    {
        Assert.That(_model.Continue(50, false, one, other).Text, Is.EqualTo(text));
        Assert.That(_model.Continue(50, false, other, one).Text, Is.EqualTo(text));
    }

    [Test]
    public void AStopStringInThePromptOrNowhereStopsNothing()
    {
        Generation generation = _model.Continue(50, false, "He", "Hello", "\uFFFD", "<end>");
        Assert.That((generation.Text, generation.Finish), Is.EqualTo((Text, FinishReason.EndOfText)));
    }

    [Test]
    public void EveryTextHasItsOwnStops()
    {
        Generation[] generations = _model.Generator.Run([ScriptedModel.Request(50, false, "ö"), ScriptedModel.Request(2), ScriptedModel.Request(50, false, "END")]);
        Assert.That(generations.Select(generation => generation.Text), Is.EqualTo((string[])["llo, w", "llo,", "llo, wörld "]));
    }

    [Test]
    public void TextGoesOnWithSampledTokensAsWithGreedyOnes()
    {
        GenerationRequest request = ScriptedModel.Request(50, false, "x") with { Sampling = new SamplingSettings(Temperature: 0.5f), Seed = 3 };
        Assert.That(_model.Generator.Run([request]).Single().Text, Is.EqualTo("llo, wörld END€"));
    }

    private static IEnumerable<TestCaseData> BadRequests
    {
        get
        {
            GenerationRequest good = ScriptedModel.Request();
            yield return new TestCaseData("prompt 1 is empty", good with { Prompt = [] });
            yield return new TestCaseData("prompt 1 has 1000 tokens and asks for 25 more; the model has 1024 positions", good with { Prompt = new int[1000], MaxTokens = 25 });
            yield return new TestCaseData("the model has 1024 positions", good with { MaxTokens = int.MaxValue });
            yield return new TestCaseData("prompt 1 asks for 0 tokens", good with { MaxTokens = 0 });
            yield return new TestCaseData("prompt 1 asks for -5 tokens", good with { MaxTokens = -5 });
            yield return new TestCaseData("prompt 1 has an empty stop string", good with { Stop = ["a", ""] });
            yield return new TestCaseData("token 13 ", good with { Prompt = [13] });
            yield return new TestCaseData("sampling.temperature is -1", good with { Sampling = new(Temperature: -1) });
            yield return new TestCaseData("sampling.temperature is NaN", good with { Sampling = new(Temperature: float.NaN) });
            yield return new TestCaseData("sampling.temperature is Infinity", good with { Sampling = new(Temperature: float.PositiveInfinity) });
            yield return new TestCaseData("sampling.top_k is -1", good with { Sampling = new(Temperature: 1, TopK: -1) });
            yield return new TestCaseData("sampling.top_p is 0", good with { Sampling = new(Temperature: 1, TopP: 0) });
            yield return new TestCaseData("sampling.top_p is 1.5", good with { Sampling = new(Temperature: 1, TopP: 1.5f) });
            yield return new TestCaseData("sampling.top_p is NaN", good with { Sampling = new(Temperature: 1, TopP: float.NaN) });
        }
    }

    [TestCaseSource(nameof(BadRequests))]
    public void ARequestThatCannotBeServedIsNamed(string complaint, GenerationRequest bad) =>
        Assert.That(() => _model.Generator.Run([ScriptedModel.Request(), bad]), Throws.TypeOf<SealException>().With.Message.Contains(complaint));

    [Test]
    public void StopStringsNeedATokenizer()
    {
        Assert.That(() => _model.GeneratorWithoutTokenizer.Run([ScriptedModel.Request(50, false, "x")]),
            Throws.TypeOf<SealException>().With.Message.Contains("prompt 0 has stop strings").And.Message.Contains("without a tokenizer"));
        Assert.That(_model.GeneratorWithoutTokenizer.Run([ScriptedModel.Request()]).Single().Tokens, Is.EqualTo(Enumerable.Range(1, 11)));
    }

    [Test]
    public void AnAdapterThatIsNotThereIsNotTheBareModel() =>
        Assert.That(() => _model.Generator.Run([ScriptedModel.Request() with { Adapter = 0 }]), Throws.ArgumentException.With.Message.Contains("adapter 0"));

    [Test]
    public void ThePromptMayFillThePositions()
    {
        GenerationRequest full = ScriptedModel.Request(maxTokens: 24, ignoreEnd: true) with { Prompt = new int[1000] };
        Assert.That(_model.Generator.Run([full]).Single().Tokens, Has.Length.EqualTo(24));
    }
}

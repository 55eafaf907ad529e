using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Text;

namespace Seal.Models.Tests.Text;

public class ChatTemplateTests
{
    private static readonly DateTimeOffset s_now = new(2024, 7, 5, 3, 4, 9, TimeSpan.Zero);

    /// <summary>jinja2.json: small templates over one set of variables, and what jinja2 made of them.</summary>
    private static IEnumerable<TestCaseData> Jinja2Cases()
    {
        using Stream stream = typeof(ChatTemplateTests).Assembly.GetManifestResourceStream("jinja2.json")!;
        JsonElement root = JsonDocument.Parse(stream).RootElement;
        int index = 0;
        foreach (JsonElement example in root.GetProperty("cases").EnumerateArray())
            yield return new TestCaseData(root.GetProperty("variables"), example).SetArgDisplayNames($"case {index++}");
    }

    [TestCaseSource(nameof(Jinja2Cases))]
    public void Renders_as_jinja2_does(JsonElement variables, JsonElement example)
    {
        string source = example.GetProperty("template").GetString()!;
        Dictionary<string, object?> values = variables.EnumerateObject().ToDictionary(field => field.Name, field => (object?)field.Value);
        string Rendered() => ChatTemplate.Parse(source, "template").Render(values, s_now);
        if (example.TryGetProperty("text", out JsonElement text))
            Assert.That(Rendered(), Is.EqualTo(text.GetString()), source);
        else if (example.TryGetProperty("error", out JsonElement error))
            Assert.That(Rendered, Throws.TypeOf<SealException>().With.Message.EndsWith(": " + error.GetString()), source);
        else
            Assert.That(Rendered, Throws.TypeOf<SealException>(), source);
    }

    [Test]
    public void A_conversation_has_null_tools_and_documents_and_a_missing_token_is_undefined()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{{ bos_token }}{{ eos_token is defined }}{{ tools is none }}{{ documents is none }}{% for m in messages %}{{ m.role }}:{{ m['content'] }};{% endfor %}{{ add_generation_prompt }}", "t");
        Assert.That(template.Render([new ChatMessage("user", "hi")], true, "<s>", null), Is.EqualTo("<s>FalseTrueTrueuser:hi;True"));
    }

    [Test]
    public void Errors_name_the_template_and_the_line()
    {
        ChatTemplate template = ChatTemplate.Parse("a\n{% if true %}\n{{ raise_exception('no tools') }}\n{% endif %}", "model.gguf: tokenizer.chat_template");
        Assert.That(() => template.Render(new Dictionary<string, object?>()),
            Throws.TypeOf<SealException>().With.Message.EqualTo("model.gguf: tokenizer.chat_template, line 3: no tools"));
        Assert.That(() => ChatTemplate.Parse("\n{% include 'x' %}", "t"), Throws.TypeOf<SealException>().With.Message.Contains("line 2").And.Message.Contains("'include'"));
    }

    [TestCase("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", TestName = "Loops without end")]
    [TestCase("{% set ns = namespace(s='xxxxxxxx') %}{% for a in range(1000) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", TestName = "A string that doubles")]
    [TestCase("{{ 'x' * 9000000000000000000 }}", TestName = "A huge string")]
    [TestCase("{{ [0] * 2000000000 }}", TestName = "A huge list")]
    [TestCase("{% set ns = namespace(l=[1]) %}{% for a in range(1000) %}{% set ns.l = ns.l + ns.l %}{% endfor %}", TestName = "A list that doubles")]
    [TestCase("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", TestName = "A macro that calls itself")]
    [TestCase("{% set ns = namespace(l=[]) %}{% for a in range(90000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}", TestName = "A list nested deep, printed")]
    [TestCase("{% set ns = namespace(l=[]) %}{% for a in range(90000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l | tojson }}", TestName = "A list nested deep, as JSON")]
    [TestCase("{% set ns = namespace(l=[], m=[]) %}{% for a in range(90000) %}{% set ns.l = [ns.l] %}{% set ns.m = [ns.m] %}{% endfor %}{{ ns.l == ns.m }}", TestName = "Lists nested deep, compared")]
    [TestCase("{{ '{:>999999999}'.format('x') }}", TestName = "A huge width")]
    [TestCase("{{ 9223372036854775807 + 1 }}", TestName = "An integer too large")]
    [TestCase("{{ -9223372036854775807 - 2 }}", TestName = "An integer too small")]
    [TestCase("{{ 10 ** 100 }}", TestName = "A power too large")]
    public void A_hostile_template_ends_with_an_error(string source) =>
        Assert.That(() => ChatTemplate.Parse(source, "t").Render(new Dictionary<string, object?>()), Throws.TypeOf<SealException>());

    [TestCase("(", ")")]
    [TestCase("[", "]")]
    [TestCase("not ", "")]
    [TestCase("-", "")]
    [TestCase("1 if ", "")]
    [TestCase("1 + ", "")]
    [TestCase("1 ~ ", "")]
    [TestCase("x.a", "")]
    [TestCase("{1:", "}")]
    public void Deep_nesting_is_an_error_or_a_value_but_no_crash(string open, string close)
    {
        string source = "{{ " + string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000)) + " }}";
        try
        {
            Assert.That(ChatTemplate.Parse(source, "t").Render(new Dictionary<string, object?>()), Is.Not.Empty);
        }
        catch (SealException error)
        {
            Assert.That(error.Message, Does.StartWith("t"));
        }
    }

    [Test]
    public void Deep_tags_are_an_error() =>
        Assert.That(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 100_000)), "t"), Throws.TypeOf<SealException>());
}

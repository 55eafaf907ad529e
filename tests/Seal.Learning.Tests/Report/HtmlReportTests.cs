using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Seal.Kernels;
using Seal.Learning.Report;
using Seal.Learning.Statistics;

namespace Seal.Learning.Tests.Report;

public sealed class HtmlReportTests
{
    private const string Hostile = "</div><script>alert(1)</script><img src=\"http://evil.example/x.png\" onerror='alert(2)'> &amp; &lt; ]]> <!-- \u0000\u001b\uFFFE \uD800 end";

    private static StoryOutcome Outcome(double reward, bool right, string answer = "July") =>
        new(reward, right ? 1 : 0, 100, 5, [new StoryAnswer("When?", "July", answer, right)]);

    private static StoryRound Round(int number, string text, params double[] rewards) => new(number, "0123456789abcdef",
        [.. Enumerable.Range(1, 3).Select(p => new StoryPassage(
            $"passage {p}", text, text, Outcome(0, false, ""), Outcome(0.25, false),
            [.. rewards.Select((reward, k) => new StoryCandidate(k + 1, k == 0 ? "" : text, k == 1, Outcome(reward / p, true, text), k == 1))]))],
        true, new StoryUpdate(3, 4, 2.5, 1.25));

    private static RunStory Story(string text = "A plain text.") => new()
    {
        Title = text,
        Words = Domains.Words(new RunSettings()),
        Lead = [text],
        Finished = false,
        State = text,
        RewardUnit = text,
        Charts = [new StoryChart(text, text, text, "0.00", [new StoryBars(text, [new StoryBar(text, new Interval(0.5, -0.25, 1), 3), new StoryBar("alone", new Interval(-0.5, -0.5, -0.5), 1)])])],
        Rounds = [Round(1, text, -0.5, 0.75), Round(2, text, 0.5, 1)],
        Examples = [new StoryExample(text, 1, Round(1, text, -0.5, 0.75).Passages[0], 2, Round(2, text, 0.5, 1).Passages[0])],
        Costs = [new StoryCost(1, text, 6, 12345, 30, 61.25, 1.5e12), new StoryCost(1, "policy", 1, null, 4, 2, null)],
        CostNotes = [text],
        Environment = [new StoryFact(text, text)],
        Settings = [new StoryFact(text, text)],
    };

    private static XElement Parse(RunStory story) => XDocument.Parse(HtmlReport.Page(story), LoadOptions.PreserveWhitespace).Root!;

    [Test]
    public void Whatever_a_model_wrote_stays_text()
    {
        string page = HtmlReport.Page(Story(Hostile));
        XElement html = XDocument.Parse(page, LoadOptions.PreserveWhitespace).Root!;
        Assert.That(html.Descendants("script"), Is.Empty);
        Assert.That(html.Descendants("img"), Is.Empty);
        Assert.That(html.Descendants().Attributes().Where(attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)), Is.Empty);
        string shown = Hostile.Replace('\u0000', '\uFFFD').Replace('\u001b', '\uFFFD').Replace('\uFFFE', '\uFFFD').Replace('\uD800', '\uFFFD');
        Assert.That(html.Descendants("div").Where(div => (string?)div.Attribute("class") == "text").Select(div => div.Value), Is.All.EqualTo(shown).And.Not.Empty);
        Assert.That(html.Descendants("title").First().Value, Is.EqualTo(shown));
        Assert.That(page, Does.Not.Contain("<script").IgnoreCase.And.Not.Contain("<img").And.Not.Contain("<!--"));
        int tags = Regex.Count(page, "<");
        Assert.That(tags, Is.EqualTo(Regex.Count(HtmlReport.Page(Story()), "<")), "no text makes or unmakes an element");
    }

    [Test]
    public void Nothing_is_fetched()
    {
        string page = HtmlReport.Page(Story());
        XElement html = Parse(Story());
        Assert.That(page, Does.Not.Contain("http:").And.Not.Contain("https:").And.Not.Contain("url(").And.Not.Contain("@import").And.Not.Contain("//"));
        Assert.That(html.Descendants().Select(element => element.Name.LocalName).Intersect(["script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image"]), Is.Empty);
        string[] ids = [.. html.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.That(ids, Is.Unique);
        Assert.That(html.Descendants().Attributes("href").Select(href => href.Value), Is.All.Matches<string>(href => href![0] == '#' && ids.Contains(href[1..])));
        Assert.That(html.Descendants("meta").Single(meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy").Attribute("content")!.Value, Does.StartWith("default-src 'none'"));
    }

    [Test]
    public void A_browser_reads_it_as_xml_does()
    {
        string page = HtmlReport.Page(Story());
        Assert.That(page, Does.StartWith("<!DOCTYPE html>\n<html lang=\"en\">"));
        Assert.That(Regex.Matches(page, @"<(?!meta\b)[a-z0-9]+[^>]*/>"), Is.Empty, "only HTML's own empty elements close themselves");
        Assert.That(Parse(Story()).Element("head")!.Element("style")!.Value, Does.Not.Contain("<").And.Not.Contain("&").And.Not.Contain(">").And.Contain("prefers-color-scheme: dark"));
        Assert.That(page, Does.Contain("content=\"width=device-width, initial-scale=1\""));
    }

    [Test]
    public void Every_chart_is_named_described_and_has_its_table()
    {
        XElement html = Parse(Story());
        string[] ids = [.. html.Descendants().Attributes("id").Select(id => id.Value)];
        XElement[] drawings = [.. html.Descendants("svg")];
        Assert.That(drawings, Has.Length.EqualTo(3), "rewards, spread, seconds");
        foreach (XElement drawing in drawings)
        {
            Assert.That(drawing.Attribute("aria-labelledby")!.Value.Split(' '), Is.SubsetOf(ids));
            Assert.That((drawing.Element("title")!.Value, drawing.Element("desc")!.Value), Is.Not.EqualTo(("", "")));
            Assert.That(drawing.Parent!.Descendants("table").Count(), Is.EqualTo(1));
        }
        Assert.That(html.Descendants("table").Select(table => table.Element("caption")?.Value), Has.None.Null);
    }

    [Test]
    public void Bars_whiskers_and_table_show_the_same_numbers()
    {
        XElement pair = Parse(Story()).Descendants("svg").First().Parent!;
        Assert.That(
            pair.Descendants("tbody").Single().Elements("tr").Select(row => string.Join('|', row.Elements().Select(cell => cell.Value))),
            Is.EqualTo(new[] { "A plain text.|A plain text.|0.50|−0.25 to 1.00|3", "A plain text.|alone|−0.50||1" }));
        // The axis runs from −0.5 to 1 over 308 units from 16 on; 0 lies at a third.
        double zero = 16 + 308 / 3.0;
        Assert.That(Numbers("rect", "bar", "x"), Is.EqualTo(new[] { zero, 16 }).Within(0.01));
        Assert.That(Numbers("rect", "bar", "width"), Is.EqualTo(new[] { 308 / 3.0, 308 / 3.0 }).Within(0.01));
        Assert.That(Numbers("line", "whisker", "x1"), Is.EqualTo(new[] { 16 + 308 / 6.0, 16 + 308 / 6.0, 324 }).Within(0.01), "one whisker: a single passage has no interval");
        Assert.That(pair.Descendants("text").Where(text => (string?)text.Attribute("class") == "tick").Select(text => text.Value), Is.EqualTo(new[] { "−0.5", "0", "0.5", "1", "A plain text." }));

        double[] Numbers(string name, string styleClass, string attribute) =>
            [.. pair.Descendants(name).Where(element => (string?)element.Attribute("class") == styleClass).Select(element => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture))];
    }

    [Test]
    public void Before_and_after_stand_side_by_side()
    {
        XElement article = Parse(Story()).Descendants("article").Single();
        Assert.That(article.Descendants("h4").Select(heading => heading.Value), Is.EqualTo(new[] { "The passage", "Self-edit of round 1", "Self-edit of round 2", "The questions, the passage not in view" }));
        Assert.That(article.Descendants("p").Select(p => p.Value), Has.Member("Number 2, reward 0.750, kept; cut off by its length."));
        Assert.That(article.Descendants("dl").Single().Elements("div").Select(div => div.Value), Is.EqualTo(new[]
        {
            "expectedJuly", "no update✗ wrong (nothing)", "passage only✗ wrong July", "self-edit of round 1✓ right A plain text.", "self-edit of round 2✓ right A plain text.",
        }));
    }

    [Test]
    public void Cost_says_what_is_not_known()
    {
        XElement table = Parse(Story()).Descendants("table").Single(table => table.Element("caption")!.Value == "Cost by round and phase");
        Assert.That(table.Element("tbody")!.Elements("tr").Select(row => string.Join('|', row.Elements().Select(cell => cell.Value))), Is.EqualTo(new[]
        {
            "1|A plain text.|6|12,345|30|1.50 TFLOP|61.3", "1|policy|1|–|4|–|2.0", "all||7|12,345|34|1.50 TFLOP|63.3",
        }));
    }

    [Test]
    public void A_story_without_anything_is_a_page()
    {
        RunStory empty = Story() with { Charts = [], Rounds = [], Examples = [], Costs = [] };
        XElement html = Parse(empty);
        Assert.That(html.Descendants("svg"), Is.Empty);
        Assert.That(html.Descendants("p").Where(p => (string?)p.Attribute("class") == "state unfinished").Select(p => p.Value), Is.EqualTo(new[] { "A plain text." }));
        Assert.That(html.Value, Does.Contain("there is nothing to compare").And.Contain("No self-edit has been learned").And.Contain("No job is done yet."));
    }

    [Test]
    public void A_file_is_written_whole_or_named()
    {
        using var temporary = new Temporary();
        HtmlReport.Write(temporary.File("page.html"), Story());
        Assert.That(File.ReadAllText(temporary.File("page.html")), Is.EqualTo(HtmlReport.Page(Story())));
        Assert.That(() => HtmlReport.Write(temporary.File("missing/page.html"), Story()), Throws.TypeOf<SealException>().With.Message.Contains("missing"));
    }
}
